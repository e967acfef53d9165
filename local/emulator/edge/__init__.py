"""What CloudFront does between a viewer and an origin beyond what ministack does.

Every request to a distribution passes `viewer.py`: first its `GATES`, one after the other, then
ministack's own handling (functions at the edge, policies, origins, error pages), then its
`FINISHES`. A gate gets the `Viewer` (the distribution, the behavior that matches with all its
settings, the address as the viewer used it) and returns it, changed or not, or answers at once: so
signed URLs and cookies of behaviors with trusted key groups are a gate of a patch of their own.
"""
