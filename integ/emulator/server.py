"""moto's server with the CloudFormation types of our stacks. Prints its endpoint when it answers, and ends when its standard input does."""
import os
import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

import ec2_back_end
import ecs_back_end
import stacks


class QuietRequestHandler(MotoRequestHandler):
    def log_request(self, *arguments):
        """Thousands of lines that nobody reads; EMULATOR_LOG=1 writes them."""
        if os.environ.get('EMULATOR_LOG'):
            super().log_request(*arguments)


def serve():
    """Starts it and gives its endpoint. It ends with this process."""
    # Roles attach policies that AWS manages, and moto has them on request.
    os.environ['MOTO_IAM_LOAD_MANAGED_POLICIES'] = 'true'
    for extension in (ec2_back_end, ecs_back_end, stacks):
        extension.extend()
    # Port 0 is any free one. By this name and no other: moto reads templates from the endpoint's bucket addresses.
    server = make_server('localhost', int(os.environ.get('EMULATOR_PORT', 0)), DomainDispatcherApplication(create_backend_app),
                         threaded=True, request_handler=QuietRequestHandler)
    os.environ['AWS_ENDPOINT_URL'] = f'http://localhost:{server.server_port}'
    os.environ['MOTO_PORT'] = str(server.server_port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return os.environ['AWS_ENDPOINT_URL']


if __name__ == '__main__':
    print(serve(), flush=True)
    # Whoever started it holds the other end: it closes when they end, in whatever way.
    sys.stdin.read()
