"""A stable identity of what a training depends on: the same in every process, and another one as soon as it matters.

Plain data counts by value; frozen dataclasses by their fields and their code; functions by their code, defaults,
closures and the globals they use; policies by weights, configuration and tokenizer. Code of this package counts with
all that it imports, code of installed packages by its name (their versions are the caller's business). What has state
that none of this sees is refused.
"""

import ast
import dataclasses
import dis
import functools
import hashlib
import json
import re
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import Path, PurePath
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import torch

from tooling.closure import LAB, code_hash, running_source
from tooling.content import tree_hash
from tooling.errors import Invalid
from tooling.models import Policy, fingerprint

PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...), range, slice, Fraction, Decimal, PurePath)
STATE_OF_PADDING = ("padding", "truncation")  # of a tokenizer, left behind by its last call

Part = tuple[Any, ...]


def identity(value: object, what: str) -> str:
    """The identity of a value, 24 hex digits; `what` names it in errors, such as "the reward".

    Raises `Invalid` for what has no stable identity: generators, open files, sources of randomness, objects with
    hidden state, dataclasses that are not frozen.
    """
    return hashlib.sha256(repr(_part(value, what, ())).encode()).hexdigest()[:24]


def _part(value: Any, what: str, within: tuple[int, ...]) -> Part:
    """A value as nested tuples of text; `within` are the objects that it is a part of."""
    if isinstance(value, PLAIN) and not isinstance(value, Enum):
        return (type(value).__name__, repr(value))
    if id(value) in within:
        return ("again", within[::-1].index(id(value)))
    inside = (*within, id(value))
    for kind, describe in _KINDS:
        if isinstance(value, kind):
            return (kind.__name__, *describe(value, what, inside))
    if dataclasses.is_dataclass(value):
        return ("dataclass", *_dataclass(value, what, inside))
    if hasattr(value, "__wrapped__"):
        return ("wrapped", _part(value.__wrapped__, what, inside))
    if not _is_library(type(value).__module__) and vars(value) == {}:
        return ("stateless", _part(type(value), what, inside))
    raise _refusal(value, what)


def _refusal(value: Any, what: str) -> Invalid:
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    return Invalid(
        f"{what} holds a `{name}`, which has no stable identity: a stage with it cannot be cached; "
        "use plain data, functions and frozen dataclasses, or train inside `uncached()`"
    )


def _dataclass(value: Any, what: str, inside: tuple[int, ...]) -> Part:
    names = [each.name for each in dataclasses.fields(value)]
    hidden = sorted(set(getattr(value, "__dict__", {})) - set(names))
    if not value.__dataclass_params__.frozen or hidden:
        raise _refusal(value, f"{what}, beside its fields, in `{hidden[0]}`," if hidden else what)
    fields = [(name, _part(getattr(value, name), f"{what}.{name}", inside)) for name in names]
    return (_part(type(value), what, inside), *fields)


def _enum(value: Enum, what: str, inside: tuple[int, ...]) -> Part:
    return (type(value).__qualname__, value.name, repr(value.value))


def _sequence(value: tuple | list, what: str, inside: tuple[int, ...]) -> Part:
    kind = type(value).__name__ if type(value) in (tuple, list) else _part(type(value), what, inside)
    return (kind, *(_part(each, f"{what}[{place}]", inside) for place, each in enumerate(value)))


def _mapping(value: Mapping, what: str, inside: tuple[int, ...]) -> Part:
    return tuple((_part(k, what, inside), _part(v, f"{what}[{k!r}]", inside)) for k, v in value.items())


def _set(value: AbstractSet, what: str, inside: tuple[int, ...]) -> Part:
    return tuple(sorted(repr(_part(each, what, inside)) for each in value))


def _pattern(value: re.Pattern, what: str, inside: tuple[int, ...]) -> Part:
    return (value.pattern, value.flags)


def _array(value: np.ndarray | np.generic, what: str, inside: tuple[int, ...]) -> Part:
    if value.dtype == object:
        raise _refusal(value, what)
    return (str(value.dtype), value.shape, hashlib.sha256(np.ascontiguousarray(value).tobytes()).hexdigest())


def _tensor(value: torch.Tensor, what: str, inside: tuple[int, ...]) -> Part:
    # bit patterns: NumPy knows no bfloat16
    plain = value.detach().cpu().contiguous().reshape(-1).view(torch.uint8) if value.numel() else torch.empty(0)
    return (str(value.dtype), tuple(value.shape), hashlib.sha256(plain.numpy().tobytes()).hexdigest())


def _network(value: torch.nn.Module, what: str, inside: tuple[int, ...]) -> Part:
    return (_part(type(value), what, inside), repr(value), fingerprint(value))


def _policy(value: Policy, what: str, inside: tuple[int, ...]) -> Part:
    """Weights, configuration and tokenizer; not the name, which says where the policy came from."""
    config = {name: each for name, each in value.model.config.to_dict().items() if name != "_name_or_path"}
    generation = value.model.generation_config.to_dict() if value.model.generation_config else {}
    settings = json.dumps([config, generation], sort_keys=True, default=repr)
    weights = (type(value.model).__qualname__, str(value.model.dtype), fingerprint(value.model))
    return (*weights, settings, _tokenizer(value.tokenizer), value.prefix)


def _tokenizer(tokenizer: Any) -> str:
    kept = [tokenizer.padding_side, tokenizer.chat_template, tokenizer.special_tokens_map, tokenizer.get_vocab()]
    if backend := getattr(tokenizer, "backend_tokenizer", None):
        written = json.loads(backend.to_str())
        kept.append({name: each for name, each in written.items() if name not in STATE_OF_PADDING})
    text = json.dumps([type(tokenizer).__qualname__, *kept], sort_keys=True, default=repr)
    return hashlib.sha256(text.encode()).hexdigest()


def _module(value: ModuleType, what: str, inside: tuple[int, ...]) -> Part:
    if _is_library(value.__name__):
        return (value.__name__,)
    if _is_own(value.__name__):
        return (value.__name__, _own_code(value.__name__))
    return (tree_hash(ast.parse(Path(value.__file__).read_bytes()).body),)


def _class(value: type, what: str, inside: tuple[int, ...]) -> Part:
    """A class of this package by its module's code, of a script by its own."""
    if _is_library(value.__module__):
        return (value.__module__, value.__qualname__)
    if _is_own(value.__module__):
        return (value.__module__, value.__qualname__, _own_code(value.__module__))
    members = sorted((name, each) for name, each in vars(value).items() if not _is_given_to_classes(name, each))
    own = [(name, _part(_unwrapped(each), f"{what}, {value.__qualname__}.{name},", inside)) for name, each in members]
    return (value.__qualname__, *(_part(base, what, inside) for base in value.__bases__), *own)


def _is_given_to_classes(name: str, value: Any) -> bool:
    """Whether Python, `dataclass` or `NamedTuple` gave a class this member: fields and methods say all that it says."""
    if name in ("_make", "_replace", "_asdict", "_abc_impl"):
        return True
    if isinstance(value, FunctionType):
        return value.__code__.co_filename == "<string>" or name in ("__replace__", "__annotate__", "__annotate_func__")
    return name.startswith("__")


def _unwrapped(member: Any) -> Any:
    """What a static method, a class method or a property is made of."""
    if isinstance(member, (staticmethod, classmethod)):
        return (type(member).__name__, member.__func__)
    if isinstance(member, property):
        return ("property", member.fget, member.fset)
    if isinstance(member, functools.cached_property):
        return ("cached_property", member.func)
    # the slot behind a field of a `NamedTuple`
    return member.__doc__ if type(member).__name__ == "_tuplegetter" else member


def _function(value: FunctionType, what: str, inside: tuple[int, ...]) -> Part:
    if _is_library(value.__module__) and not value.__closure__:
        return (value.__module__, value.__qualname__)
    cells = [
        (name, _part(cell.cell_contents, f"{what}, `{name}`", inside))
        for name, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=True)
    ]
    defaults = _part((value.__defaults__, value.__kwdefaults__), f"{what}, a default", inside)
    code = _code(value.__code__, doc=value.__doc__)
    if _is_own(value.__module__):
        return (value.__module__, _own_code(value.__module__), code, defaults, *cells)
    used = [
        (name, _part(value.__globals__[name], f"{what}, `{name}`", inside))
        for name in sorted(set(_globals(value.__code__)))
        if name in value.__globals__
    ]
    return (code, defaults, *cells, *used)


def _code(code: CodeType, *, doc: str | None = None) -> Part:
    """Code without places, file names and the docstring."""
    constants = list(code.co_consts)
    if constants and doc is not None and constants[0] == doc:
        constants[0] = None
    plain = [_code(each) if isinstance(each, CodeType) else _part(each, "a constant", ()) for each in constants]
    shape = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
    return (code.co_code.hex(), shape, code.co_names, code.co_varnames, code.co_freevars, *plain)


def _globals(code: CodeType) -> Iterator[str]:
    """The names that a function looks up in its module, nested functions included."""
    for each in dis.get_instructions(code):
        if each.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield each.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals(constant)


def _built_in(value: BuiltinFunctionType, what: str, inside: tuple[int, ...]) -> Part:
    # a method of an object, such as `list.append` of one list, has the object's state
    if value.__self__ is not None and not isinstance(value.__self__, ModuleType):
        raise _refusal(value, what)
    return (value.__module__ or "", value.__qualname__)


def _method(value: MethodType, what: str, inside: tuple[int, ...]) -> Part:
    return (_part(value.__func__, what, inside), _part(value.__self__, what, inside))


def _partial(value: functools.partial, what: str, inside: tuple[int, ...]) -> Part:
    return _part((value.func, value.args, value.keywords), what, inside)


def _torch_constant(value: torch.dtype | torch.device, what: str, inside: tuple[int, ...]) -> Part:
    return (str(value),)


_KINDS: tuple[tuple[type, Callable[[Any, str, tuple[int, ...]], Part]], ...] = (
    (Enum, _enum),
    (Policy, _policy),
    (torch.nn.Module, _network),
    (torch.Tensor, _tensor),
    (torch.dtype, _torch_constant),
    (torch.device, _torch_constant),
    (np.ndarray, _array),
    (np.generic, _array),
    (re.Pattern, _pattern),
    (type, _class),
    (FunctionType, _function),
    (MethodType, _method),
    (BuiltinFunctionType, _built_in),
    (functools.partial, _partial),
    (ModuleType, _module),
    (tuple, _sequence),
    (list, _sequence),
    (Mapping, _mapping),
    (AbstractSet, _set),
)


@functools.lru_cache
def _own_code(module: str) -> str:
    """The hash of a module of this package, for the lab's with all that it imports."""
    parts = module.split(".")
    return code_hash(module) if len(parts) > 1 and parts[1] in LAB else running_source().hash(module)


def _is_own(module: str | None) -> bool:
    return (module or "").partition(".")[0] == "tooling"


def _is_library(module: str | None) -> bool:
    """Whether a module came with Python or was installed, and is not of this package."""
    first = (module or "").partition(".")[0]
    if _is_own(module):
        return False
    if first in sys.stdlib_module_names or first == "builtins":
        return True
    file = getattr(sys.modules.get(module or ""), "__file__", None)
    places = [Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")]
    return file is not None and any(Path(file).is_relative_to(place) for place in places)
