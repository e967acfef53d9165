"""Features of CloudFront between a viewer and an origin that ministack does not have.

Every request to a distribution passes `viewer.py`: first its `GATES` in order, then ministack's
handling (CloudFront Functions, policies, origins, error pages), then its `FINISHES`. A gate gets
the `Viewer` (the distribution, the matching behavior with all its settings, the address that the
viewer used) and returns it, changed or not, or answers the request. For example, signed URLs and
cookies of behaviors with trusted key groups are a gate of one patch.
"""
