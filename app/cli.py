"""The command `autopilot`."""

import typer

from app.commands import demo, doctor, learn, people, serve, setup, workflows

main = typer.Typer(name="autopilot", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
main.command("serve")(serve.serve)
main.command("demo")(demo.demo)
main.command("setup")(setup.setup)
main.command("learn")(learn.learn_workflows)
main.command("doctor")(doctor.doctor)
main.add_typer(workflows.commands, name="workflows", help="The learnt workflows.")
main.add_typer(people.users, name="users", help="The people who sign in.")
main.add_typer(people.tokens, name="tokens", help="Bearer tokens for the REST API.")
