"""A file system for SQLite that notes every write and every sync, so that a power cut can be replayed at any of them.

It stands between the SQLite that Python's own driver uses and its usual file system (https://sqlite.org/vfs.html):
what is tested is the service's own code on its own driver. A write is on disk once a later sync of its file has
returned; until then the cut decides whether it is there.
"""

import ctypes
import random
from _sqlite3 import __file__ as DRIVER
from collections.abc import Sequence
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

OK = 0
_REGISTERED: list["Recording"] = []  # SQLite walks over all of them whenever it looks for one: none may go

_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_Delete = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)


class _Vfs(ctypes.Structure):
    """sqlite3_vfs; the methods that nobody replaces are one block of pointers."""

    _fields_ = [
        ("version", c_int),
        ("file_size", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", _Open),
        ("delete", _Delete),
        ("others", c_void_p * 14),
    ]


class _Methods(ctypes.Structure):
    """sqlite3_io_methods."""

    _fields_ = [
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", _Write),
        ("truncate", _Truncate),
        ("sync", _Sync),
        ("others", c_void_p * 13),
    ]


class _File(ctypes.Structure):
    _fields_ = [("methods", POINTER(_Methods))]


@dataclass(frozen=True, slots=True)
class Written:
    path: str
    offset: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Truncated:
    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Deleted:
    path: str


@dataclass(frozen=True, slots=True)
class Synced:
    """The events of this file before number `end` are on disk; what came while it synced may not be."""

    path: str
    end: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The service said that this document is durable."""

    id: str
    text: str


Event: TypeAlias = Written | Truncated | Deleted | Synced | Acknowledged


@dataclass
class Recording:
    """Registered with SQLite under its name as long as the process lives."""

    name: str
    events: list[Event] = field(default_factory=list)
    _alive: list[object] = field(default_factory=list)  # what SQLite points to
    _paths: dict[int, str] = field(default_factory=dict)  # by address of the open file

    def __post_init__(self) -> None:
        library = ctypes.CDLL(DRIVER)  # the library that the driver is linked to, not another one
        library.sqlite3_vfs_find.restype = POINTER(_Vfs)
        usual: _Vfs = library.sqlite3_vfs_find(None).contents
        vfs = _Vfs.from_buffer_copy(usual)
        vfs.name = self.name.encode()
        vfs.open, vfs.delete = self._open(usual), self._delete(usual)
        self._alive += [vfs, library]
        _REGISTERED.append(self)
        assert library.sqlite3_vfs_register(ctypes.byref(vfs), 0) == OK

    def url(self, path: Path) -> str:
        return f"sqlite:///file:{path}?vfs={self.name}&uri=true"

    def _open(self, usual: _Vfs) -> object:
        def run(vfs: int, name: int | None, address: int, flags: int, given: int) -> int:
            code = int(usual.open(vfs, name, address, flags, given))
            if code == OK and name is not None:
                self._paths[address] = ctypes.string_at(name).decode()
                file = _File.from_address(address)
                file.methods = ctypes.pointer(self._recorded(_Methods.from_buffer_copy(file.methods.contents)))
            return code

        return _Open(run)

    def _delete(self, usual: _Vfs) -> object:
        def run(vfs: int, name: bytes, sync: int) -> int:
            code = int(usual.delete(vfs, name, sync))
            if code == OK:
                self.events.append(Deleted(name.decode()))
            return code

        return _Delete(run)

    def _recorded(self, usual: _Methods) -> _Methods:
        def write(file: int, content: int, size: int, offset: int) -> int:
            code = int(usual.write(file, content, size, offset))
            if code == OK:
                self.events.append(Written(self._paths[file], offset, ctypes.string_at(content, size)))
            return code

        def truncate(file: int, size: int) -> int:
            code = int(usual.truncate(file, size))
            if code == OK:
                self.events.append(Truncated(self._paths[file], size))
            return code

        def sync(file: int, flags: int) -> int:
            end = len(self.events)
            code = int(usual.sync(file, flags))
            if code == OK:
                self.events.append(Synced(self._paths[file], end))
            return code

        methods = _Methods.from_buffer_copy(usual)
        methods.write, methods.truncate, methods.sync = _Write(write), _Truncate(truncate), _Sync(sync)
        self._alive += [methods, usual]
        return methods


def after_a_cut(before: dict[str, bytes], events: Sequence[Event], at: int, rng: random.Random) -> dict[str, bytes]:
    """The files that are found if the power fails before event number `at`; what was not synced is there by chance."""
    synced = {event.path: event.end for event in events[:at] if isinstance(event, Synced)}
    luck = rng.choice([0.0, 0.5, 1.0])
    files = {path: bytearray(content) for path, content in before.items()}
    for number, event in enumerate(events[:at]):
        if isinstance(event, Acknowledged | Synced):
            continue
        if number < synced.get(event.path, 0) or rng.random() < luck:
            _apply(files, event)
    return {path: bytes(content) for path, content in files.items()}


def _apply(files: dict[str, bytearray], event: Written | Truncated | Deleted) -> None:
    content = files.setdefault(event.path, bytearray())
    match event:
        case Written(_, offset, written):
            content.extend(bytes(max(0, offset - len(content))))
            content[offset : offset + len(written)] = written
        case Truncated(_, size):
            del content[size:]
        case Deleted(path):
            del files[path]
