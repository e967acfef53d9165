"""The alarms that deployments watch."""

from collections.abc import Iterable


def raised(names: Iterable[str]) -> bool:
    """Return whether one of the alarms is in the state ALARM."""
    if not names:
        return False
    # Imported late: a service without alarms needs no CloudWatch.
    from ministack.services import cloudwatch

    known = [
        cloudwatch._alarms.get(each) or cloudwatch._composite_alarms.get(each) for each in names
    ]
    return any(each and each["StateValue"] == "ALARM" for each in known)
