"""What the compiled kernels need from LLVM beyond Python's arithmetic, for float32 and float64 alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numba.extending
from llvmlite import ir
from numba.core import types

if TYPE_CHECKING:
    from collections.abc import Callable

# What Numba and LLVM pass around has no published types.
Number: TypeAlias = Any
Pointer: TypeAlias = Any  # to numbers one after the other, with their index in brackets


def intrinsic(function: Callable[..., object]) -> Callable[..., Number]:
    """Let compiled functions call what writes its own instructions."""
    result: Callable[..., Number] = numba.extending.intrinsic(function)
    return result


LINE = 64  # bytes of a line of the cache, at most
BATCH = 64  # numbers: a few vectors, whole lines of the cache
WORD = {types.float32: 32, types.float64: 64}
MANTISSA = {types.float32: 23, types.float64: 52}  # bits
SHIFT = {types.float32: 1.5 * 2.0**23 + 127, types.float64: 1.5 * 2.0**52 + 1023}  # its last bits are the bias of 2^k


def constant(float64: float, float32: float | None = None) -> Callable[..., Number]:
    """Return a function of a number that is a constant of its type: a literal would turn float32 into float64."""

    @intrinsic
    def like(_typing: object, x: Number) -> Number:
        def generate(_context: object, _builder: object, signature: Number, args: Number) -> Number:
            single = signature.return_type == types.float32 and float32 is not None
            return ir.Constant(args[0].type, float32 if single else float64)

        return x(x), generate

    return like


def polynomial(coefficients: dict[str, tuple[float, ...]]) -> Callable[..., Number]:
    """Return a function that evaluates a polynomial by Horner's rule; the coefficients by dtype, lowest power first."""

    @intrinsic
    def evaluate(_typing: object, x: Number) -> Number:
        def generate(_context: object, builder: Number, signature: Number, args: Number) -> Number:
            result, *rest = [ir.Constant(args[0].type, c) for c in reversed(coefficients[str(signature.return_type)])]
            for c in rest:
                product = builder.fmul(result, args[0], flags=("contract",))
                result = builder.fadd(product, c, flags=("contract",))
            return result

        return x(x), generate

    return evaluate


def reduction(parts: dict[str, tuple[float, ...]]) -> Callable[..., Number]:
    """Return a function of t and k that is t - k c, where c is the sum of some numbers by dtype.

    Each product is exact, even on a processor that has no instruction for it.
    """

    @intrinsic
    def evaluate(_typing: object, t: Number, k: Number) -> Number:
        def generate(_context: object, builder: Number, signature: Number, args: Number) -> Number:
            result, minus_k = args[0], builder.fneg(args[1])
            for part in parts[str(signature.return_type)]:
                result = builder.fma(minus_k, ir.Constant(result.type, part), result)
            return result

        return t(t, k), generate

    return evaluate


def clamp(low: dict[Number, float], high: dict[Number, float]) -> Callable[..., Number]:
    """Return a function that moves a number to the nearest one between two others; what NaN becomes does not count."""

    @intrinsic
    def evaluate(_typing: object, x: Number) -> Number:
        def generate(_context: object, builder: Number, signature: Number, args: Number) -> Number:
            result = args[0]
            kind = ir.FunctionType(result.type, [result.type] * 2)
            for name, bounds in (("llvm.maxnum", low), ("llvm.minnum", high)):  # an instruction each
                function = builder.module.declare_intrinsic(name, [result.type], kind)
                result = builder.call(function, [result, ir.Constant(result.type, bounds[signature.return_type])])
            return result

        return x(x), generate

    return evaluate


@intrinsic
def at(_typing: object, array: Number, _i: Number) -> Pointer:
    """Return a pointer to the i-th number of a contiguous array, which must be in use after it.

    A slice would take a while, because it counts references.
    """

    def generate(context: Number, builder: Number, signature: Number, args: Number) -> Number:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        return builder.gep(data, [args[1]])

    return numba.types.CPointer(array.dtype)(array, types.intp), generate


@intrinsic
def room_like(_typing: object, pointer: Pointer) -> Pointer:
    """Return a pointer to room for `BATCH` numbers, on the stack."""

    def generate(_context: object, builder: Number, _signature: object, args: Number) -> Number:
        with builder.goto_entry_block():
            room = builder.alloca(args[0].type.pointee, BATCH)
        room.align = LINE
        return room

    return pointer(pointer), generate


@intrinsic
def stream(_typing: object, room: Pointer, to: Pointer, _i: Number) -> Number:
    """Copy `BATCH` numbers to where the i-th from a pointer on begins a line, past the caches."""

    def generate(_context: object, builder: Number, signature: Number, args: Number) -> Number:
        room, to, i = args
        per_line = LINE * 8 // WORD[signature.args[0].dtype]
        line = ir.VectorType(room.type.pointee, per_line).as_pointer()
        hint = builder.module.add_metadata([ir.IntType(32)(1)])
        source, target = builder.bitcast(room, line), builder.bitcast(builder.gep(to, [i]), line)
        for k in range(BATCH // per_line):
            value = builder.load(builder.gep(source, [i.type(k)]), align=LINE)
            builder.store(value, builder.gep(target, [i.type(k)]), align=LINE).set_metadata("nontemporal", hint)
        return ir.Constant(ir.LiteralStructType([]), None)

    return types.void(room, to, types.intp), generate


@intrinsic
def fence(_typing: object) -> Number:
    """Let other threads see all that was written before anything that is written after."""

    def generate(_context: object, builder: Number, _signature: object, _args: object) -> Number:
        builder.fence("seq_cst")
        return ir.Constant(ir.LiteralStructType([]), None)

    return types.void(), generate


@intrinsic
def use_widest_vectors(_typing: object) -> Number:
    """Let LLVM use vectors of 512 bits in the function that calls this; for many processors it does not by itself."""

    def generate(_context: object, builder: Number, _signature: object, _args: object) -> Number:
        # llvmlite lets pass only attributes without a value, but writes each as it is.
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')
        return ir.Constant(ir.LiteralStructType([]), None)

    return types.void(), generate


@intrinsic
def add_in_any_order(_typing: object, a: Number, b: Number) -> Number:
    """Return a + b, where a sum of many may be taken in the order that suits the processor."""

    def generate(_context: object, builder: Number, _signature: object, args: Number) -> Number:
        return builder.fadd(*args, flags=("reassoc",))

    return a(a, b), generate


@intrinsic
def power_of_two(_typing: object, shifted: Number) -> Number:
    """Return 2^k, given `SHIFT` + k, a sum whose last bits are those of the exponent of 2^k."""

    def generate(_context: object, builder: Number, signature: Number, args: Number) -> Number:
        kind = signature.return_type
        word = ir.IntType(WORD[kind])
        bits = builder.shl(builder.bitcast(args[0], word), ir.Constant(word, MANTISSA[kind]))
        return builder.bitcast(bits, args[0].type)

    return shifted(shifted), generate


def shifted_exponent(builder: Number, kind: Number, a: Number, b: Number) -> Number:
    """Write k, in the place of the exponent, such that a/b lies between 2^k 2/3 and 2^k 3/2.

    The bits of a positive number, read as an integer, are its logarithm with a broken line in the place of a curve.
    """
    word = ir.IntType(WORD[kind])
    difference = builder.sub(*(builder.bitcast(v, word) for v in (a, b)))
    rounded = builder.add(difference, ir.Constant(word, 1 << (MANTISSA[kind] - 1)))
    return builder.and_(rounded, ir.Constant(word, -1 << MANTISSA[kind]))


@intrinsic
def exponent_of_ratio(_typing: object, a: Number, b: Number) -> Number:
    """Return k such that a/b lies between 2^k 2/3 and 2^k 3/2, for positive normal numbers."""

    def generate(_context: object, builder: Number, signature: Number, args: Number) -> Number:
        kind = signature.return_type
        word, float_type = ir.IntType(WORD[kind]), args[0].type
        k = builder.ashr(shifted_exponent(builder, kind, *args), ir.Constant(word, MANTISSA[kind]))
        # To floating point by way of the last bits of a large number: few processors convert 64-bit integers.
        large = ir.Constant(float_type, 1.5 * 2.0 ** MANTISSA[kind])
        return builder.fsub(builder.bitcast(builder.add(k, builder.bitcast(large, word)), float_type), large)

    return a(a, b), generate


@intrinsic
def scaled_to(_typing: object, a: Number, b: Number) -> Number:
    """Return 2^k b for the k of `exponent_of_ratio`, if that is a normal number."""

    def generate(_context: object, builder: Number, signature: Number, args: Number) -> Number:
        kind = signature.return_type
        shift = shifted_exponent(builder, kind, *args)
        return builder.bitcast(builder.add(builder.bitcast(args[1], shift.type), shift), args[1].type)

    return a(a, b), generate
