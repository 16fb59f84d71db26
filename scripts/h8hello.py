import click
from ape.cli import ConnectedProviderCommand

@click.command(cls=ConnectedProviderCommand)
@click.option("--x")
def cli(provider, x):
    """Say hello."""
    print(type(provider), provider.network_choice, provider.uri, getattr(provider,"http_uri",None), provider.chain_id, getattr(provider,'process',None), provider.client_version)
