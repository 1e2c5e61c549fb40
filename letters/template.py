"""The words of a letter as the ward keeps them: one text file a letter, read strictly, all defects at once.

A file has four parts, parted by lines of `---`: a block of `key: value`, the greeting, the
paragraphs (a blank line between two), the closing. Words may ask `{% if fact %}` and print
`{{ fact }}`; nothing else is allowed in them.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Final

import jinja2
from jinja2 import meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from letters.address import upper_first
from letters.fields import DERIVED, FIELDS, OF_THE_WARD
from letters.paper import Layout, Palette

BUNDLED: Final = Path(__file__).parent / "templates"
PARTS: Final = 4
KEYS: Final = ("name", "title", "version", "owner", "audience", "layout", "solemn", "needs")
OPTIONAL: Final = ("may", "avoid", "palette", "approved_by", "approved_on")
ALLOWED: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If),
    *(nodes.And, nodes.Or, nodes.Not, nodes.Filter),
)
# Words that have no place beside a death (and no link, so that nothing there can be tapped).
NOT_IN_SORROW: Final = ("chúc", "vui", "may mắn", "hẹn gặp lại", "kính mời", "ưu đãi", "hân hoan", "http")


class TemplateError(Exception):
    """Template files are wrong; `problems` says file, line and what to do, a line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Template:
    """The words of one kind of letter. `needs` must be known, `may` can be; `sha256` is of the whole file."""

    name: str
    title: str
    version: int
    owner: str
    audience: str
    layout: Layout
    palette: Palette
    solemn: bool
    needs: tuple[str, ...]
    may: tuple[str, ...]
    approved_by: str
    approved_on: date | None
    sha256: str
    parts: tuple[jinja2.Template, ...] = field(repr=False, compare=False)

    @property
    def approved(self) -> bool:
        """Tell whether the ward has approved these words; the bundled ones are drafts."""
        return bool(self.approved_by and self.approved_on)


@dataclass(frozen=True)
class Templates:
    """All letters the ward can write, by name."""

    by_name: Mapping[str, Template]

    def get(self, name: str) -> Template:
        """Return one template. Raises KeyError."""
        return self.by_name[name]

    def __iter__(self) -> Iterator[Template]:
        return iter(self.by_name.values())

    @property
    def unapproved(self) -> tuple[str, ...]:
        """Return the names of those nobody has approved yet."""
        return tuple(one.name for one in self if not one.approved)


class Gap(jinja2.StrictUndefined):
    """A fact that may be absent: it can be asked about, but never printed."""

    __slots__ = ()

    def __bool__(self) -> bool:  # type: ignore[override]  # the one thing strictness forbids and we need
        return False


def load_templates(
    folder: Path = BUNDLED, *own: Path, overrides: Mapping[str, str] = MappingProxyType({})
) -> Templates:
    """Read every `*.txt`; a letter in a later folder replaces its namesake. Raises TemplateError.

    A text in *overrides* stands for the letter of its name: words published since.
    """
    problems: list[str] = []
    found: dict[str, Template] = {}
    for where in (folder, *own):
        paths = sorted(where.glob("*.txt"))
        if not paths:
            problems.append(f"{where.name}: không có mẫu thư nào (tệp .txt)")
        here = [one for path in paths if (one := _Reader(path, problems).template()) is not None]
        found |= {one.name: one for one in here}
    for name, text in overrides.items():
        read = _Reader(Path(f"{name}.txt"), problems, text).template()
        found |= {name: read} if read is not None else {}
    if problems:
        raise TemplateError(problems)
    return Templates(found)


def template_of(name: str, text: str) -> Template:
    """Read one letter from its *text*. Raises TemplateError with every defect."""
    problems: list[str] = []
    read = _Reader(Path(f"{name}.txt"), problems, text).template()
    if read is None:
        raise TemplateError(problems)
    return read


def environment() -> jinja2.Environment:
    """Return the sandbox the words are compiled in: no code, no files, no escapes."""
    # What comes out is plain text, never HTML: an escape would stand in the letter.
    sandbox = ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=False)
    sandbox.globals.clear()
    sandbox.filters = {"upper_first": upper_first}
    sandbox.tests.clear()
    return sandbox


class _Reader:
    """Reads one file and notes what is wrong with it."""

    def __init__(self, path: Path, problems: list[str], given: str | None = None) -> None:
        self.path = path
        self.given = given  # the text itself, where it is in no file
        self.problems = problems
        self.before = len(problems)
        self.front: dict[str, str] = {}
        self.lines: dict[str, int] = {}

    def note(self, line: int, what: str) -> None:
        self.problems.append(f"{self.path.name}:{line}: {what}")

    def template(self) -> Template | None:
        """Return the template, or None when something was noted."""
        text = self._text()
        if text is None:
            return None
        parts = re.split(r"(?m)^---[ \t]*\n", text)
        if len(parts) != PARTS:
            self.note(1, "cần bốn phần ngăn bằng dòng ---: đầu mẫu, lời chào, thân thư, lời kết")
            return None
        self._front(parts[0])
        compiled = self._compiled(parts)
        read = self._read(hashlib.sha256(text.encode()).hexdigest(), compiled)
        return read if len(self.problems) == self.before else None

    def _text(self) -> str | None:
        try:
            text = self.path.read_text("utf-8") if self.given is None else self.given
        except UnicodeDecodeError:
            self.note(1, "không phải UTF-8; lưu lại bằng bảng mã UTF-8")
            return None
        except OSError as error:
            self.note(1, f"không đọc được ({error.strerror}); xem lại quyền đọc tệp")
            return None
        if text != unicodedata.normalize("NFC", text):
            self.note(1, "chữ phải ở dạng dựng sẵn (NFC)")
        return text

    def _front(self, block: str) -> None:
        for number, line in enumerate(block.splitlines(), 1):
            key, colon, value = line.partition(":")
            key = key.strip()
            if not line.strip() or line.startswith("#"):
                continue
            if not colon or key not in {*KEYS, *OPTIONAL}:
                self.note(number, f"không hiểu dòng “{line.strip()[:40]}”")
            elif key in self.front:
                self.note(number, f"{key} ghi hai lần")
            self.front[key] = value.strip()
            self.lines[key] = number
        for key in KEYS:
            if not self.front.get(key):
                self.note(self.lines.get(key, 1), f"thiếu {key}")

    def _at(self, key: str, what: str) -> None:
        self.note(self.lines.get(key, 1), f"{key}: {what}")

    def _list(self, key: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.front.get(key, "").split(",") if part.strip())

    def _read(self, sha256: str, parts: tuple[jinja2.Template, ...]) -> Template:
        if self.front.get("name") and self.front["name"] != self.path.stem:
            self._at("name", f"phải trùng tên tệp ({self.path.stem})")
        return Template(
            name=self.path.stem,
            title=self.front.get("title", ""),
            version=self._version(),
            owner=self.front.get("owner", ""),
            audience=self.front.get("audience", ""),
            layout=Layout(self._one_of("layout", [*Layout], Layout.LETTER)),
            palette=Palette(self._one_of("palette", [*Palette], Palette.RED)),
            solemn=self._one_of("solemn", ["yes", "no"], "no") == "yes",
            needs=self._list("needs"),
            may=self._list("may"),
            approved_by=self.front.get("approved_by", ""),
            approved_on=self._approved_on(),
            sha256=sha256,
            parts=parts,
        )

    def _version(self) -> int:
        said = self.front.get("version", "")
        if said and not (said.isascii() and said.isdigit() and int(said)):
            self._at("version", "phải là số nguyên từ 1")
            return 0
        return int(said or 0)

    def _one_of(self, key: str, known: list[str], default: str) -> str:
        said = self.front.get(key) or default
        if said in known:
            return said
        self._at(key, f"chỉ nhận {', '.join(known)}")
        return default

    def _approved_on(self) -> date | None:
        said = self.front.get("approved_on", "")
        if bool(said) != bool(self.front.get("approved_by")):
            self._at("approved_on", "ghi đủ cả người duyệt (approved_by) và ngày duyệt")
        try:
            return date.fromisoformat(said) if said else None
        except ValueError:
            self._at("approved_on", "phải là ngày dạng 2026-11-05")
            return None

    def _compiled(self, parts: list[str]) -> tuple[jinja2.Template, ...]:
        sandbox, start, used = environment(), parts[0].count("\n") + 2, set[str]()
        compiled = []
        for source in parts[1:]:
            try:
                tree = sandbox.parse(source)
                self._only_conditions(tree, start)
                used |= meta.find_undeclared_variables(tree)
                compiled.append(sandbox.from_string(source))
            except jinja2.TemplateError as error:
                line = error.lineno if isinstance(error, jinja2.TemplateSyntaxError) else 1
                self.note(start + line - 1, f"không đọc được: {error.message}")
            self._words(source, start)
            start += source.count("\n") + 1
        self._facts(used)
        return tuple(compiled)

    def _only_conditions(self, tree: nodes.Template, start: int) -> None:
        for node in tree.find_all(nodes.Node):
            if not isinstance(node, ALLOWED):
                self.note(start + node.lineno - 1, "mẫu thư chỉ được hỏi {% if %} và in {{ }}")
                return

    def _words(self, source: str, start: int) -> None:
        """Find words this letter must not hold, as whole words."""
        solemn = NOT_IN_SORROW if self.front.get("solemn") == "yes" else ()
        plain = " ".join(re.findall(r"\w+", source.casefold()))
        for words in (*solemn, *self._list("avoid")):
            if f" {words.casefold()} " in f" {plain} ":
                self.note(start, f"có chữ không nên dùng trong thư này: “{words}”")

    def _facts(self, used: set[str]) -> None:
        needs, may = self._list("needs"), self._list("may")
        for key, names in (("needs", needs), ("may", may)):
            for name in names:
                if name not in FIELDS or name in DERIVED or name in OF_THE_WARD:
                    self._at(key, f"không có mục nào tên {name}")
        asked = used | {DERIVED[name] for name in used & DERIVED.keys()}
        for name in sorted(used - {*needs, *may, *OF_THE_WARD, *DERIVED}):
            self._at("needs", f"thư dùng {name} mà đầu mẫu không khai")
        for name in sorted({DERIVED[one] for one in used & DERIVED.keys()} - {*needs}):
            self._at("needs", f"thư dùng mục làm từ {name} mà đầu mẫu không khai")
        for name in needs:
            if name in FIELDS and name not in asked:
                self._at("needs", f"khai {name} mà thư không dùng")
