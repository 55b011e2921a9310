"""Formulas for the tests of the printer: (formula, coordinates, half-width of the
domain, kinks).
"""

ONE = {
    "polynomial": ("(x**2 - 1)**2/4 + x/10", 2, ()),
    "high powers": ("x**17/10000 - x**5 + x**7/3", 1.5, ()),
    "inverse powers": ("1/(1 + x**4) + (2 + x**2)**(-3) + (x**2 + 1)**(-1)", 2, ()),
    "half powers": (
        "(1 + x**2)**Rational(-3, 2) + (1 + x**2)**Rational(5, 2) + 1/sqrt(3 + x**2)",
        4,
        (),
    ),
    "general powers": ("(1 + x**2)**pi + 2**x", 2, ()),
    "irrational constants": (
        "(x**2 - 1)**2*exp(-x/3) + E*x + EulerGamma + GoldenRatio*x**2",
        2,
        (),
    ),
    "long decimals": ("0.1*x**2 + 1e-300*x + 123456789.123456789*x", 2, ()),
    "constant slope": ("3*x", 1, ()),
    "ripples": ("x**2 - 10*cos(2*pi*x) + 10", 5, ()),
    "wave packet": ("exp(-x**2/2)*cos(5*x)", 4, ()),
    "hyperbolic": ("tanh(3*x) + sinh(x)/9 + cosh(x)/7 + asinh(x) + atan(x)", 4, ()),
    "logarithm near its pole": ("log(x**2 + Rational(1, 10**6))", 2, (0,)),
    "bounded angles": ("asin(x/3) + acos(x/4) + atanh(x/5) + tan(x/2)", 2, ()),
    "expm1": ("expm1(x)**2 + log1p(x**2)", 2, ()),
    "far logcosh": ("log(cosh(10*x))", 300, (0,)),
    "near logcosh": ("log(cosh(x))", 1e-3, (0,)),
    "logistic": ("log(1 + exp(-5*x)) + x**2/20", 400, (0,)),
    "softplus": ("log(exp(x) + 1)", 3, (0,)),
    "sigmoid": ("1/(1 + exp(-3*x + 1)) + sigmoid(x)**2", 300, (0,)),
    "two parabolas": (
        "Piecewise((x**2/2, x < 1), (5*(x - 1)**2/2 + x - Rational(1, 2), True))",
        4,
        (1,),
    ),
    "holes": (
        "Piecewise((x**2, (x > -1) & (x < 1)), (2*Abs(x) - 1, (x <= -1) | (x > 1)))",
        3,
        (-1, 1),
    ),
    "negation": ("Piecewise((x**3, Not((x > 0) & (x < 2))), (x, True))", 3, (0, 2)),
    "exclusive or": ("Piecewise((x**3, Xor(x > 0, x < 2)), (x, True))", 3, (0, 2)),
    "nested choice": (
        "Piecewise((x, ITE(x > 0, x < 1, x < -1)), (x**2, True))",
        3,
        (-1, 0, 1),
    ),
    "huber": (
        "Piecewise((x**2/2, Abs(x) <= 1), (Abs(x) - Rational(1, 2), True))",
        3,
        (-1, 0, 1),
    ),
    "flat exponential": ("Piecewise((exp(-1/x**2), Ne(x, 0)), (0, True))", 2, (0,)),
    "equality": ("Piecewise((7, Eq(x, 1)), (x**2, True))", 2, (1,)),
    "squared relu": ("Max(0, x)**2 + Max(0, -x)/3", 3, (0,)),
    "three maxima": ("Max(x, -x/2, x**3/4)", 3, (-2, 0, 2)),
    "clip": ("Min(Max(x, -1), 1)*x", 3, (-1, 1)),
    "relu network": (
        "Max(0, 2*x - Rational(1, 3)) - Max(0, 3*x + Rational(7, 10))/2 + Max(0, -x)**2",
        3,
        (0,),
    ),
    "broken powers": ("Abs(x)**Rational(3, 2) + Abs(x)**Rational(4, 3)", 3, (0,)),
    "steps": ("Heaviside(x)*x**2 + Heaviside(x - 1, 0)*(x - 1)**2", 3, (0, 1)),
    "signs and floors": (
        "sign(x)*x**2 + floor(x)*0.1 + ceiling(x/2)*x",
        3,
        (-2, -1, 0, 1, 2),
    ),
}
TWO = {
    "banana": ("(1 - x)**2 + 100*(y - x**2)**2", 2, ()),
    "four wells": ("(x**2 + y - 11)**2 + (x + y**2 - 7)**2", 5, ()),
    "hyperbola": ("(1 - x*y)**2/2", 3, (0, 1)),
    "monkey saddle": ("x**3 - 3*x*y**2 + (x**2 + y**2)**2/4", 2, (0,)),
    "egg carton": (
        "-20*exp(-sqrt((x**2 + y**2)/2)/5) - exp((cos(2*pi*x) + cos(2*pi*y))/2) + E + 20",
        4,
        (),
    ),
    "coupled logcosh": ("log(cosh(x*y)) + log(1 + exp(x - y))", 30, (0,)),
    "quadrants": (
        "Piecewise((x**2 + y**2, (x > 0) & (y > 0)), (x**2 + 3*y**2, (x > 0) | (y > 0)), "
        "(Abs(x) + Abs(y), True))",
        2,
        (0,),
    ),
    "polar": ("atan2(y, x)**2 + sqrt(x**2 + y**2)", 2, (1, -1)),
    "maximum norm": ("Max(Abs(x), Abs(y)) + Min(x, y)**2", 2, (0, 1)),
    "two tanh units": ("(tanh(x)*tanh(y) - Rational(1, 2))**2", 3, (0,)),
}
CASES = {
    name: (formula, "x", half, kinks) for name, (formula, half, kinks) in ONE.items()
}
CASES |= {
    name: (formula, "x y", half, kinks) for name, (formula, half, kinks) in TWO.items()
}
TRANSCENDENTAL = (
    "exp",
    "log",
    "cos",
    "sin",
    "tan",
    "tanh",
    "pi",
    "sigmoid",
    "Rational(4, 3)",
    "asinh",
)


def is_rational(name: str) -> bool:
    """Only ``+ - * / sqrt``, comparisons and selections: every language gives the same
    bits.
    """
    return not any(word in CASES[name][0] for word in TRANSCENDENTAL)
