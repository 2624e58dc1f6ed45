"""Health check of the web container, run as a script: exit with 0 if it is ready."""

import os
import sys
import urllib.request

# Requests to our own container must not go through a proxy.
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def main() -> int:
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/health/ready/"
    name = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    request = urllib.request.Request(address, headers={"Host": name})
    try:
        with NO_PROXY.open(request, timeout=4) as response:
            return 0 if response.status == 200 else 1
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
