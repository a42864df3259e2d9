namespace Orchestrator.Host.Cli;

/// <summary>A server in this very process, for one command (<c>--config</c>). Disposing it ends it cleanly.</summary>
internal interface ILocalServer : IAsyncDisposable
{
    /// <summary>Base URL, on loopback.</summary>
    Uri Address { get; }

    /// <summary>The only token that it takes; made for this one use.</summary>
    string Token { get; }

    /// <summary>Where it keeps its events, for people.</summary>
    string Journal { get; }
}

/// <summary>Starts a server for one command.</summary>
/// <param name="configFile">The configuration file.</param>
/// <param name="verbose">Whether its whole log goes to standard error, or errors alone.</param>
/// <exception cref="UsageException">The configuration is wrong, or cannot be used this way.</exception>
/// <exception cref="RefusedException">Another process works with the same journal.</exception>
/// <exception cref="Composition.ServeException">Something that it needs is not to be had.</exception>
internal delegate Task<ILocalServer> StartLocalServer(string configFile, bool verbose, CancellationToken cancellationToken);

/// <summary>The present state does not allow it; the message says why and what to do.</summary>
internal sealed class RefusedException(string message, Exception? inner = null) : Exception(message, inner);
