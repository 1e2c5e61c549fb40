"""What the ward says about itself, from the TOML files its clerks edit.

Every file names who answers for it (`responsible`) and when it was last compared with the
truth (`checked_on`). `load_ward` reports every defect of every file at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from knowledge.board import Directory, Office, OldWards, Petition, Plan, Reception, Spot
from knowledge.desks import Desks
from knowledge.hours import OfficeHours
from knowledge.places import Places
from knowledge.posting import directory, office, old_wards, petition, plan, reception
from knowledge.posting_desks import desks
from knowledge.posting_places import places
from knowledge.sheet import Sheet, open_sheet


class WardError(Exception):
    """The ward's files are wrong; `problems` says file, line, field and what to do, a line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Ward:
    """One ward; what is asked for often has a short name."""

    office: Office
    directory: Directory
    reception: Reception
    plan: Plan
    old_wards: OldWards
    petition: Petition
    desks: Desks
    places: Places

    @property
    def name(self) -> str:
        """Return "phường An Thịnh", as it stands inside a sentence."""
        return self.office.name

    @property
    def title(self) -> str:
        """Return "Phường An Thịnh", as it begins one."""
        return self.name[:1].upper() + self.name[1:]

    @property
    def committee(self) -> str:
        """Return the full name of the People's Committee."""
        return self.office.committee

    @property
    def hours(self) -> OfficeHours:
        """Return when the office is open."""
        return self.office.hours

    @property
    def hotline(self) -> str:
        """Return the number that is always answered."""
        return self.office.hotline

    @property
    def phone(self) -> str:
        """Return the number of the office."""
        return self.office.phone

    @property
    def centre(self) -> Spot:
        """Return where dossiers are handed in."""
        return self.office.centre

    @property
    def address(self) -> str:
        """Return the street address of the place where dossiers are handed in."""
        return self.office.centre.address


def load_ward(folder: Path, overrides: Mapping[str, str] = MappingProxyType({})) -> Ward:
    """Read the ward's files in *folder*. Raises WardError with all defects of all files.

    A text in *overrides* stands for the file of its name: a page published since.
    """
    problems: list[str] = []

    def opened(file: str) -> Sheet:
        if file in overrides:
            return open_sheet(overrides[file], file, problems)
        return _open(folder, file, problems)

    ward = Ward(
        office=office(opened("office.toml")),
        directory=directory(opened("directory.toml")),
        reception=reception(opened("reception.toml")),
        plan=plan(opened("week.toml")),
        old_wards=old_wards(opened("old_wards.toml")),
        petition=petition(opened("petition.toml")),
        desks=desks(opened("desks.toml")),
        places=places(opened("places.toml")),
    )
    if problems:
        raise WardError(problems)
    return ward


def _open(folder: Path, file: str, problems: list[str]) -> Sheet:
    """Open one file; what is missing or unreadable is one problem, not one for every field."""
    unread: list[str] = []
    try:
        sheet = open_sheet((folder / file).read_text("utf-8"), file, unread)
    except FileNotFoundError:
        unread.append(
            f"{file}: không có tệp này trong {folder}; chép lại từ thư mục mẫu knowledge/data/an_thinh"
        )
    except UnicodeDecodeError:
        unread.append(f"{file}: không phải UTF-8; lưu lại bằng bảng mã UTF-8")
    except OSError as error:
        unread.append(f"{file}: không đọc được ({error.strerror}); xem lại quyền đọc tệp")
    problems.extend(unread)
    return open_sheet("", file, []) if unread else _into(sheet, problems)


def _into(sheet: Sheet, problems: list[str]) -> Sheet:
    """Let *sheet* note what it finds among *problems*."""
    sheet.problems = problems
    return sheet
