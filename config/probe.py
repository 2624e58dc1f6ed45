"""Run as a script inside the web container: does the health page say that it may get traffic?"""

import os
import sys
import urllib.request

# A proxy of the environment has nothing to say about our own container.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def main() -> int:
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/health/ready/"
    name = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    request = urllib.request.Request(address, headers={"Host": name})
    try:
        with DIRECT.open(request, timeout=4) as answer:
            return 0 if answer.status == 200 else 1
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
