"""Every named landscape of the sources, written once: formula, named minima, citation."""

from .formula import Landscape


def _landscape(formula: str, coordinates: str, *, name: str, **details) -> Landscape:
    return Landscape(
        formula, coordinates, name=name, expression=f"zoo.{name}", **details
    )


quadratic = _landscape(
    "curvature * x**2 / 2",
    "x",
    name="quadratic",
    box=[(-2.2, 2.2)],
    minima={"minimum": 0.0},
    parameters={"curvature": 1},
    source="[B, the nice classical regime]",
)

cosine_well = _landscape(
    "-cos(x)",
    "x",
    name="cosine_well",
    box=[(-4.0, 7.5)],
    minima={"minimum at 0": 0.0, "minimum at 2π": 6.283185307179586},
    source="ours, for [B, Thm]",
)

runaway = _landscape(
    "log(1 + exp(-x)) - 10 * exp(-(x + 4)**2)",
    "x",
    name="runaway",
    box=[(-7.0, 12.0)],
    minima={"minimum": -3.95082501358439},
    source="ours, for [B, Thm]: min f exists, yet GD may run to infinity",
)

square_root_bowl = _landscape(
    "sqrt(1 + x**2)",
    "x",
    name="square_root_bowl",
    box=[(-3.0, 3.0)],
    minima={"minimum": 0.0},
    source="ours, for [B, Welcome to the zoo]",
)

_u = "(x - 5/2)"
mohtashami_toy_1d = _landscape(
    f"Piecewise((-1600*{_u}**5 - 2000*{_u}**4 + 800*{_u}**3 + 1020*{_u}**2, (x >= "
    "2) & (x <= 3)),"
    "(7056/5 * (1 - edge_slope*(x - 42/5)), (x >= 42/5) & (x <= 42/5 + 1/100000)),"
    "(0, (x >= 42/5 + 1/100000) & (x <= 43/5 - 1/100000)),"
    "(7396/5 * (1 + edge_slope*(x - 43/5)), (x >= 43/5 - 1/100000) & (x <= "
    "43/5)), (20*x**2, True))",
    "x",
    name="mohtashami_toy_1d",
    box=[(-1.5, 10.5)],
    parameters={"edge_slope": 100_000},
    minima={"wide minimum": 0.0, "sharp minimum": 2.5, "plateau": (8.40001, 8.59999)},
    regions={"well": (2.0, 3.0), "trap": (8.4, 8.6), "initialisation": (9.0, 10.0)},
    source="[M, App. J] with edge slope 1e5; printed is 1e4, which makes jumps",
)

mohtashami_toy_2d = _landscape(
    "x**2 + y**2 - 200*Max(Abs(x) - 1, 0)*Max(Abs(y) - 1, 0)*Max(2 - Abs(x), "
    "0)*Max(2 - Abs(y), 0)",
    "x y",
    name="mohtashami_toy_2d",
    box=[(-2.5, 4.2), (-2.5, 4.2)],
    minima={"flat minimum": (0.0, 0.0)}
    | {
        f"well ({'+' if a > 0 else '−'}, {'+' if b > 0 else '−'})": (
            a * 1.47048743065,
            b * 1.47048743065,
        )
        for a in (1, -1)
        for b in (1, -1)
    },
    regions={"initialisation": ((3.0, 3.0), (4.0, 4.0))},
    source="[M, App. K]",
)

quartic = _landscape(
    "x**4 / 4",
    "x",
    name="quartic",
    box=[(-1.6, 1.6)],
    minima={"minimum": 0.0},
    source="ours, for [B, Backward error analysis]",
)

tilted_factorisation = _landscape(
    "(1 - x*y)**2 / 2 + x**4 / 40",
    "x y",
    name="tilted_factorisation",
    box=[(-2.6, 2.6), (-2.6, 2.6)],
    source="ours, for [B, Backward error analysis]: no symmetry, two coordinates",
)

scalar_factorisation = _landscape(
    "(target - x*y)**2 / 2",
    "x y",
    name="scalar_factorisation",
    box=[(-2.6, 2.6), (-2.6, 2.6)],
    parameters={"target": 1},
    minima={"balanced +": (1.0, 1.0), "balanced −": (-1.0, -1.0)},
    source="[B, Periodic orbits]",
)

regularised_factorisation = _landscape(
    "(target - x*y)**2 / 2 + penalty*(x**2 + y**2) / 2",
    "x y",
    name="regularised_factorisation",
    box=[(-4.0, 4.0), (-4.0, 4.0)],
    parameters={"target": 1, "penalty": 0.4},
    source="Liang and Montúfar (2025), the regularised problem, with target 1",
)

diagonal_factorisation = _landscape(
    "x**4/4 - x**2/2",
    "x",
    name="diagonal_factorisation",
    box=[(-1.7, 1.7)],
    minima={"balanced +": 1.0, "balanced −": -1.0},
    source="[B, Periodic orbits], on the diagonal x = y",
)

multiscale_bowl = _landscape(
    "x**2 / 2 + eps*(bumps*sin(x/eps) + second*sin(sqrt(2)*x/eps))",
    "x",
    name="multiscale_bowl",
    box=[(-1.5, 1.5)],
    parameters={"eps": "1/100", "bumps": 1, "second": 0},
    regions={"rough": (-1.0, 1.0)},
    source="[B, An alternative mechanism], f_0 + f_1; the formula is ours",
)

multiscale_double_well = _landscape(
    "depth*(x**2 - 1)**2 / 4 + tilt*x + bumps*eps*sin(x/eps)",
    "x",
    name="multiscale_double_well",
    box=[(-2.0, 2.0)],
    parameters={"eps": "1/100", "bumps": 1, "depth": "1/5", "tilt": "1/50"},
    regions={"left": (-1.5, -0.5), "right": (0.5, 1.5)},
    source="[B, An alternative mechanism]; the formula is ours",
)

multiscale_plane = _landscape(
    "x**2/2 + y**2/2 - x*y/2 + eps*(sin(x/eps) + across*sin(y/eps))",
    "x y",
    name="multiscale_plane",
    box=[(-1.2, 1.2), (-1.2, 1.2)],
    parameters={"eps": "1/20", "across": 1},
    source="[B, An alternative mechanism], in two coordinates; the formula is ours",
)

# (x, 0.6 sin(pi x))
_examples = ((-1, 0), (-0.54, -0.595), (-0.08, -0.149), (0.38, 0.558), (0.85, 0.272))
one_weight = _landscape(
    " + ".join(f"(tanh({x}*w) - ({y}))**2 / 10" for x, y in _examples)
    + " + w**2 / 200",
    "w",
    name="one_weight",
    box=[(-6.0, 6.0)],
    minima={"minimum": 0.38140851676794013},
    source="ours, for [B, An alternative mechanism]",
)
