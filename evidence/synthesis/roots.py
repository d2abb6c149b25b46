"""Where a function of one number crosses zero."""

from collections.abc import Callable

# Sixty halvings take any bracket to the last bit; the method takes about ten steps where it may.
_MOST_STEPS = 200


def root(function: Callable[[float], float], low: float, high: float, *, floor: float = 0.0) -> float:
    """Return where `function` crosses zero between `low` and `high`, to about 1e-15 of the root itself.

    The tolerance is relative, so that data in kilometres and in millimetres converge alike; `floor` is a
    distance below which nothing can be told apart, for a root near zero. Raises ValueError unless the signs
    at both ends differ. The method is that of Chandrupatla (1997), doi:10.1016/s0965-9978(96)00051-8: inverse
    quadratic interpolation where it can be trusted, bisection elsewhere.
    """
    a, b = high, low
    at_a, at_b = function(a), function(b)
    if at_a == 0:
        return a
    if at_b == 0:
        return b
    if (at_a > 0) == (at_b > 0):
        raise ValueError("The function has the same sign at both ends.")
    c, at_c = a, at_a
    step = 0.5
    for _ in range(_MOST_STEPS):
        x = a + step * (b - a)
        at_x = function(x)
        if at_x == 0:
            return x
        # b and a enclose the root, c is the point before.
        if (at_x > 0) == (at_a > 0):
            c, at_c = a, at_a
        else:
            c, at_c, b, at_b = b, at_b, a, at_a
        a, at_a = x, at_x
        best = a if abs(at_a) < abs(at_b) else b
        smallest = (4e-16 * abs(best) + floor) / abs(b - a)
        if smallest >= 0.5:
            return best
        step = _step(a, b, c, at_a, at_b, at_c)
        step = min(max(step, smallest), 1 - smallest)
    return best


def _step(a: float, b: float, c: float, at_a: float, at_b: float, at_c: float) -> float:
    """Return how far to go from a to b: by inverse quadratic interpolation if it is safe, else half."""
    xi = (a - b) / (c - b)
    phi = (at_a - at_b) / (at_c - at_b)
    if phi**2 < xi and (1 - phi) ** 2 < 1 - xi:
        return at_a / (at_b - at_a) * at_c / (at_b - at_c) + (c - a) / (b - a) * at_a / (
            at_c - at_a
        ) * at_b / (at_c - at_b)
    return 0.5
