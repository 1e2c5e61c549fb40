"""Files on their way out: uploaded once, remembered while Zalo keeps them."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp

from bot.channel import Refused, Unavailable
from bot.zalo.api import Api
from bot.zalo.errors import error_of
from bot.zalo.payload import text_at
from bot.zalo.wire import Answer
from bot.zalo.writing import Form, Shape, Uploaded, form_of

KEPT = timedelta(days=6)  # Zalo forgets after 7 days; a day less, so that a late send still finds it

_REF = {Shape.IMAGE: "attachment_id", Shape.FILE: "token"}


class Uploads:
    """What Zalo holds for us. Forgetting all of it, as at a restart, costs only uploads."""

    def __init__(self, api: Api, media_path: Callable[[str], Path], clock: Callable[[], datetime]) -> None:
        self._api = api
        self._media_path = media_path
        self._clock = clock
        self._known: dict[str, tuple[Uploaded, datetime]] = {}
        self._turn = asyncio.Lock()  # a greeting to thousands uploads its picture once

    async def bring(self, name: str) -> Uploaded:
        """Return the file *name* as Zalo knows it, uploading it if need be. Raises SendError.

        No message has left yet, so a failure here is never doubtful.
        """
        async with self._turn:
            self._forget_old()
            if name not in self._known:
                self._known[name] = (await self._upload(name), self._clock())
            return self._known[name][0]

    def forget(self, name: str) -> None:
        """Believe Zalo that it does not hold *name* any more."""
        self._known.pop(name, None)

    def _forget_old(self) -> None:
        oldest = self._clock() - KEPT
        self._known = {name: entry for name, entry in self._known.items() if entry[1] > oldest}

    async def _upload(self, name: str) -> Uploaded:
        content = await self._content(name)
        form = form_of(content)
        try:
            answer = await self._api.post(
                f"/v2.0/oa/upload/{form.shape}", lambda: _multipart(name, content, form)
            )
            return Uploaded(form.shape, self._ref(answer, form.shape))
        except Unavailable as error:
            why = str(error)
        raise Unavailable(why, doubtful=False)

    def _ref(self, answer: Answer, shape: Shape) -> str:
        if answer.code:
            raise error_of(answer, self._clock())
        ref = text_at(answer.data, _REF[shape])
        if not ref:
            raise Unavailable("Zalo nhận tệp nhưng không trả lời mã tệp", doubtful=False)
        return ref

    async def _content(self, name: str) -> bytes:
        try:
            return await asyncio.to_thread(self._media_path(name).read_bytes)
        except OSError as error:
            raise Refused(f"không đọc được tệp đính kèm: {type(error).__name__}") from error


def _multipart(name: str, content: bytes, form: Form) -> aiohttp.FormData:
    # The resident sees this name; the first letters tell two papers apart.
    filename = f"ubnd-phuong-{name[:6]}.{form.ending}"
    data = aiohttp.FormData()
    data.add_field("file", content, filename=filename, content_type="application/octet-stream")
    return data
