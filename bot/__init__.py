"""The doors and the wiring.

`channel` says what a channel is. `telegram`, `zalo`, `web` each know one wire. `webhooks`
lets messages in, `dispatcher` has them answered, `sender` carries answers out. `app` puts
the office together; nobody imports it but the commands.
"""
