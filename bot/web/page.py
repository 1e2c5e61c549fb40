"""The page itself, written by the server; its script only fills the list."""

from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.web.guard import dress

TEMPLATES = Path(__file__).parent / "templates"


class Page:
    """The chat page of one ward."""

    def __init__(self, *, ward_title: str, ward_hotline: str, version: str) -> None:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        dial = "".join(sign for sign in ward_hotline if sign in "+0123456789")
        facts = {"title": ward_title, "hotline": ward_hotline, "dial": dial, "version": version}
        template = environment.get_template("chat.html")
        self._written = {embed: template.render(facts, embed=embed) for embed in (False, True)}

    def show(self, *, embed: bool) -> web.Response:
        """Return the page; *embed* is the one that other sites may frame."""
        response = web.Response(text=self._written[embed], content_type="text/html")
        dress(response, embed=embed)
        return response
