"""The house and its papers agree: what the documents promise is there, what is there is documented.

Nothing here opens an office or a network; a file that breaks a rule is named.
"""

import argparse
import ast
import inspect
import re
import subprocess
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot import app
from bot.commands import parser
from bot.metrics import Metrics
from bot.settings import PREFIX, Settings, TelegramSettings, WebSettings, ZaloBotSettings, ZaloSettings
from console import doors
from scheduler.jobs import JOBS

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "console", "feedback", "handlers", "knowledge", "letters", "records", "scheduler")
LONGEST = 400  # lines of a module
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
LOCKS = ("requirements.lock", "requirements-dev.lock")
TEXTS = {".py", ".toml", ".md", ".html", ".js", ".css", ".yaml", ".yml", ".json", ".txt", ".mako", ".svg"}
# Written in two halves, so that this file may be looked through as well.
MACHINE = [("/" + name + "/").encode() for name in ("work", "root", "farm")]
REGISTRIES = [("pypi" + ".org").encode(), ("python" + "hosted").encode()]

HANDBOOK, SETTINGS, ARCHITECTURE = "docs/so-tay-van-hanh.md", "docs/cai-dat.md", "docs/architecture.md"


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def files() -> tuple[Path, ...]:
    """Every file that is or is about to be in the repository; what git ignores is nobody's matter."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        found = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("git is not here, or this is no repository")
    return tuple(path for name in found.split("\0") if name and (path := ROOT / name).is_file())


# --- the house ---------------------------------------------------------------------------------


def test_every_module_says_what_it_is():
    silent = [named(path) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []


def test_no_module_is_too_long():
    long = {
        named(path): size
        for path in MODULES
        if (size := len(path.read_text("utf-8").splitlines())) > LONGEST
        and path.parent.name != "versions"  # a migration is a list of columns, as long as there are
    }
    assert long == {}


def test_packages_of_the_house_are_those_that_are_installed():
    found = tomllib.loads(read("pyproject.toml"))["tool"]["setuptools"]["packages"]["find"]["include"]
    assert sorted(found) == sorted(f"{package}*" for package in PACKAGES)


# --- settings ----------------------------------------------------------------------------------


def settings_of(model: type[BaseModel], prefix: str = PREFIX) -> Iterator[tuple[str, object]]:
    for name, info in model.model_fields.items():
        kind = info.annotation
        if inspect.isclass(kind) and issubclass(kind, BaseModel):
            yield from settings_of(kind, f"{prefix}{name.upper()}__")
        else:
            yield f"{prefix}{name.upper()}", info.default


def documented_settings() -> Mapping[str, str]:
    rows = re.findall(r"^\| `(WARD_\w+)`[^|]*\| ([^|]*) \|", read(SETTINGS), re.MULTILINE)
    return {name: default.strip("` ") for name, default in rows}


def test_every_setting_is_documented_and_nothing_else():
    assert set(documented_settings()) == {name for name, _ in settings_of(Settings)}
    assert set(re.findall(r"WARD_\w+", read(SETTINGS))) == set(documented_settings())


def test_documented_defaults_are_the_real_ones():
    told = documented_settings()
    wrong = {
        name: (told[name], default)
        for name, default in settings_of(Settings)
        if name != "WARD_WARD_DIR" and told.get(name) != as_told(default)
    }
    assert wrong == {}


def as_told(default: object) -> str:
    if default is None:
        return "—"
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)


def test_papers_name_only_settings_that_exist():
    known = {name for name, _ in settings_of(Settings)}
    unknown = {
        f"{named(paper)}: {name}"
        for paper in files()
        if paper.suffix == ".md" or paper.parent.name == "deploy"
        for name in re.findall(r"\bWARD_[A-Z_]*[A-Z]\b", paper.read_text("utf-8"))
        if name not in known and name.removesuffix("_FILE") not in known
    }
    assert unknown == set()


# --- commands, addresses, jobs, metrics --------------------------------------------------------


def commands(part: argparse.ArgumentParser, so_far: str = "ward") -> Iterator[str]:
    nested = [action for action in part._actions if isinstance(action, argparse._SubParsersAction)]
    if not nested:
        yield so_far
    for action in nested:
        for name, inner in action.choices.items():
            yield from commands(inner, f"{so_far} {name}")


def test_every_command_is_in_the_handbook_and_nothing_else():
    real = set(commands(parser.build()))
    table = set(re.findall(r"^\| `(ward [a-z]+(?: [a-z]+)?)", read(HANDBOOK), re.MULTILINE))
    assert table == real


async def test_every_address_is_in_the_architecture(tmp_path):
    office = app.build(every_channel(tmp_path))
    try:
        routes = {
            f"{route.method} {route.resource.canonical}"
            for route in office.application().router.routes()
            if route.method != "HEAD" and route.resource
        }
    finally:
        await office.database.close()
    routes = {one for one in routes if not one.startswith(("GET /console/", "POST /console/"))}
    told = set(re.findall(r"`((?:GET|POST) /[^`]*)`", read(ARCHITECTURE)))
    assert told == routes


def test_every_door_of_the_console_is_in_the_table_people_read():
    told = read("docs/quyen-trang-lam-viec.md")
    assert told.endswith("\n\n" + doors.table()), "chạy: python -m console.doors, chép bảng vào tệp"


def every_channel(folder: Path) -> Settings:
    secret = {"token": "1:x", "mode": "webhook", "webhook_secret": "x"}
    account = {"app_id": "1", "app_secret": "x", "oa_secret": "x", "refresh_token": "x"}
    return Settings(
        database_url=f"sqlite+aiosqlite:///{folder}/ward.db",
        data_dir=folder,
        telegram=TelegramSettings.model_validate(secret),
        zalo=ZaloSettings.model_validate(account),
        zalo_bot=ZaloBotSettings.model_validate({"token": "1:x", "webhook_secret": "mot-bi-mat-dai"}),
        web=WebSettings(public_url="https://ward.example"),
    )


def test_every_job_is_in_the_architecture_and_nothing_else():
    chapter = read(ARCHITECTURE).partition("## The timetable")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", chapter, re.MULTILINE) == [job.name for job in JOBS]


def test_metrics_in_the_papers_exist():
    real = {
        metric.name + ("_total" if metric.type == "counter" else "")
        for metric in Metrics().registry.collect()
    }
    alerts = set(re.findall(r"\bward_[a-z_]+", read("deploy/prometheus-alerts.yml")))
    assert alerts <= real
    assert set(re.findall(r"^\| `(ward_[a-z_]+)", read(HANDBOOK), re.MULTILINE)) == real


# --- deployment --------------------------------------------------------------------------------


def test_the_service_is_given_time_to_finish():
    given = re.findall(r"TimeoutStopSec=(\d+)\n", read("deploy/ward.service"))
    given += re.findall(r"stop_grace_period: (\d+)s", read("deploy/compose.yaml"))
    assert len(given) == 2
    assert min(map(int, given)) > app.STOP_S


def test_the_lock_is_versions_and_hashes_and_no_address():
    for lock in LOCKS:
        lines = read(lock).splitlines()
        assert [line for line in lines if "://" in line or line.startswith("-")] == [], lock
        kinds = (r"[a-z0-9._-]+==\S+ \\", r"    --hash=sha256:[0-9a-f]{64}( \\)?", r"#.*", "")
        assert [line for line in lines if not any(re.fullmatch(kind, line) for kind in kinds)] == [], lock


def test_every_dependency_is_locked():
    project = tomllib.loads(read("pyproject.toml"))["project"]
    for lock, wanted in zip(
        LOCKS,
        (project["dependencies"], project["dependencies"] + project["optional-dependencies"]["dev"]),
        strict=True,
    ):
        locked = set(re.findall(r"^([a-z0-9._-]+)==", read(lock), re.MULTILINE))
        assert {re.split(r"[\[<>=~! ]", name)[0] for name in wanted} <= locked, lock


def test_the_two_locks_agree():
    pins = [dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", read(lock), re.MULTILINE)) for lock in LOCKS]
    assert {name: (pin, pins[1].get(name)) for name, pin in pins[0].items() if pins[1].get(name) != pin} == {}


# --- papers ------------------------------------------------------------------------------------


def test_the_readme_names_the_two_commands():
    told = read("README.md")
    assert "make run" in told
    assert "make test" in told


def test_links_between_papers_lead_somewhere():
    broken = [
        f"{named(paper)}: {target}"
        for paper in files()
        if paper.suffix == ".md"
        for target in re.findall(r"\]\(([^)\s]+)\)", paper.read_text("utf-8"))
        if "://" not in target and not leads_somewhere(paper, target)
    ]
    assert broken == []


def leads_somewhere(paper: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    there = (paper.parent / name).resolve() if name else paper
    if not anchor or not there.is_file():
        return there.exists()
    heads = re.findall(r"^#+ (.+)$", there.read_text("utf-8"), re.MULTILINE)
    return anchor in {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_addresses_of_files_in_the_papers_exist():
    places = re.compile(r"`((?:bot|handlers|knowledge|records|scheduler|deploy|docs|tests)/[\w./-]*)`")
    missing = {
        f"{named(paper)}: {place}"
        for paper in files()
        if paper.suffix == ".md" and paper.parts[-2] != "decisions"
        for place in places.findall(paper.read_text("utf-8"))
        if not any((ROOT / (place + ending)).exists() for ending in ("", ".py")) and place not in TO_COME
    }
    assert missing == set()


TO_COME = {"feedback/", "letters/", "console/"}


def test_nothing_of_a_machine_or_a_registry_stands_in_the_repository():
    found = [
        f"{named(path)}: {word.decode()}"
        for path in files()
        for word in (*MACHINE, *REGISTRIES)
        if word in path.read_bytes()
    ]
    assert found == []
    assert [named(path) for path in files() if path.name == "uv" + ".lock"] == []


def test_all_texts_are_composed_unicode():
    decomposed = []
    for path in files():
        if path.suffix in TEXTS or path.name in {"Makefile", "Dockerfile", "run", "ward.env.example"}:
            text = path.read_text("utf-8")
            if not unicodedata.is_normalized("NFC", text):
                decomposed.append(named(path))
    assert decomposed == []
