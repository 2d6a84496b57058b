"""A bare Flask app, the control for pages: what the stack costs without a product."""

from flask import Flask, Response


def create_app() -> Flask:
    app = Flask(__name__)

    @app.get("/")
    def text() -> str:
        return "bare"

    @app.get("/204")
    def nothing() -> Response:
        return Response(status=204)

    return app
