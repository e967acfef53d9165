"""Argument checks: all problems in one error, before a component registers its first child."""

from collections.abc import Collection, Mapping


class Problems:
    """Collects what is wrong with the arguments of one component."""

    def __init__(self, component: str, name: str) -> None:
        self._subject = f"{component} '{name}'"
        self._found: list[str] = []

    def unknown(self, args: Mapping[str, object], known: Collection[str]) -> None:
        """Refuse arguments that the component does not have."""
        for key in sorted(set(args) - set(known)):
            self._found.append(f"{key}: no such argument; it takes {', '.join(sorted(known))}")

    def between(
        self, args: Mapping[str, object], key: str, least: float, most: float, unit: str
    ) -> None:
        """Refuse a number outside of `least`..`most`."""
        value = args.get(key)
        if value is None:
            return
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not least <= value <= most:  # type: ignore[operator]
            self._found.append(
                f"{key}: is {value!r}; give a number of {unit} from {least} to {most}"
            )

    def one_of(self, args: Mapping[str, object], key: str, allowed: Collection[object]) -> None:
        """Refuse a value that is not in `allowed`."""
        value = args.get(key)
        if value is not None and value not in allowed:
            self._found.append(f"{key}: is {value!r}; give one of {', '.join(map(repr, allowed))}")

    def together(self, args: Mapping[str, object], *keys: str) -> None:
        """Refuse one of `keys` without the others."""
        missing = [key for key in keys if key not in args]
        if missing and len(missing) < len(keys):
            given = ", ".join(key for key in keys if key in args)
            self._found.append(f"{', '.join(missing)}: needed beside {given}")

    def that(self, fine: bool, key: str, problem: str) -> None:
        """Refuse `key` with `problem` unless it is `fine`."""
        if not fine:
            self._found.append(f"{key}: {problem}")

    def report(self) -> None:
        """Raise one error that lists all problems.

        Raises:
            ValueError: there is at least one problem.
        """
        if self._found:
            raise ValueError(f"{self._subject}: " + "; ".join(self._found))
