"""Open311 GeoReport v2: how applications of others read our cases and send reports.

`routes` puts it on addresses. `services` tells what can be reported, `asking` understands a
query, `shown` tells a case as the specification wants it, `posting` understands a report.
`writing` makes JSON and XML of all that, `trouble` says what was wrong. The specification,
and where we go beyond it: docs/open311.md.
"""

from bot.open311.routes import setup_open311

__all__ = ["setup_open311"]
