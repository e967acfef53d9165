"""The certificate authority of this run, which signs the certificates of databases and caches."""

import ssl
import threading
from pathlib import Path

from ministack.core import x509_utils

ADDRESS = "127.0.0.1"


class Authority:
    """Makes certificates, and a file with which clients check them."""

    def __init__(self) -> None:
        self._file: Path | None = None
        self._folder = Path()
        self._context: ssl.SSLContext | None = None
        self._lock = threading.Lock()

    def use(self, folder: Path) -> None:
        """Set the folder of the files."""
        self._folder = folder

    @property
    def variables(self) -> dict[str, str]:
        """What functions, tasks and instances find in their environment once there is a server."""
        return {"CA_FILE": str(self._file)} if self._file else {}

    def context(self) -> ssl.SSLContext:
        """Return the TLS context of servers at this machine's address."""
        with self._lock:
            if self._context is None:
                self._context = self._make()
        return self._context

    def _make(self) -> ssl.SSLContext:
        root, root_key = x509_utils.generate_ca(
            org_name="Colonnade", common_name="Colonnade local authority"
        )
        certificate, key, _public = x509_utils.sign_leaf_certificate(
            root, root_key, "stores", san_dns=["localhost"], san_ips=[ADDRESS]
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        both = self._folder / "server.pem"
        both.touch(0o600)
        both.write_text(certificate + key, "utf-8")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        both.unlink()
        file = self._folder / "authority.pem"
        file.write_text(root, "utf-8")
        self._file = file
        return context


AUTHORITY = Authority()
"""The authority of the server's process."""
