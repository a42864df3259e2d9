using System.Security.Cryptography;
using Orchestrator.Host.Cli;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Security;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Orchestrator.Host.Composition;

/// <summary>
/// The server behind <c>--config</c>: a supervisor in the process of one command, reachable on loopback with a token that
/// exists nowhere else, and with a journal on disk, so that the next command goes on where this one left off.
/// </summary>
internal sealed class StandaloneServer : ILocalServer
{
    private readonly OrchestratorProcess process;
    private readonly JournalLock journalLock;
    private readonly Logger log;

    private StandaloneServer(OrchestratorProcess process, JournalLock journalLock, Logger log, string journal, string token)
    {
        this.process = process;
        this.journalLock = journalLock;
        this.log = log;
        Journal = journal;
        Token = token;
    }

    public Uri Address => new(process.Address);

    public string Token { get; }

    public string Journal { get; }

    /// <summary>Starts it as <see cref="StartLocalServer"/> describes.</summary>
    /// <param name="seed">Seed of the jitter in back-off times.</param>
    public static Task<ILocalServer> Start(
        string configFile, bool verbose, TimeProvider time, RunIds runIds, int seed, CancellationToken cancellationToken) =>
        Start(ReadSettings(configFile), Path.GetFullPath(configFile), verbose, time, runIds, seed, cancellationToken);

    /// <param name="place">Where the lock lies if the journal is no file.</param>
    internal static async Task<ILocalServer> Start(
        OrchestratorSettings given, string place, bool verbose, TimeProvider time, RunIds runIds, int seed, CancellationToken cancellationToken)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var settings = Protect(given, token);
        var log = Logs.Create(settings.Log, verbose ? LogEventLevel.Verbose : LogEventLevel.Error);
        Log.Logger = log;
        JournalLock? journalLock = null;
        try
        {
            // With seed nodes this process is one of a cluster, whose servers may share the journal.
            journalLock = JournalLock.Take(settings.Journal, place, alone: !settings.Remoting.NamesOthers);
            var process = await OrchestratorProcess.Start(settings, time, runIds, seed, log, isGuest: true, cancellationToken);
            var journal = settings.Journal.File.Length > 0 ? settings.Journal.File : "the configured database";
            return new StandaloneServer(process, journalLock, log, journal, token);
        }
        catch
        {
            journalLock?.Dispose();
            await log.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await process.FinishNotifications();
        await process.Stop();
        await process.DisposeAsync();
        journalLock.Dispose();
        await log.DisposeAsync();
    }

    /// <summary>The file's settings with what this use of them demands.</summary>
    internal static OrchestratorSettings ReadSettings(string configFile)
    {
        try
        {
            var sources = ConfigurationSources.Load(configFile);
            var settings = SettingsBinder.Bind(ForOneCommand(sources, configFile), EngineProviders.All);
            var own = settings.Clusters.FirstOrDefault(cluster => cluster.Engine.IsBuiltIn)?.Definition;
            if (own is null)
            {
                return settings with { Remoting = settings.Remoting with { Host = "127.0.0.1", AdvertisedHost = "127.0.0.1", SeedNodes = [], SeedPods = "" } };
            }

            return settings.Remoting.NamesOthers
                ? settings
                : throw new UsageException(
                    $"{configFile}: cluster {own.Name} has the engine {own.Engine}, whose nodes are processes of their own: name some of them in "
                    + "orchestrator.remoting.seed-nodes, or use --server.");
        }
        catch (SettingsException e)
        {
            throw new UsageException(e.Message);
        }
    }

    /// <summary>What the program decides for a server of one command.</summary>
    internal static ConfigurationSources ForOneCommand(ConfigurationSources sources, string configFile) =>
        sources.With(Overlay(sources, Path.GetFullPath(configFile)));

    /// <summary>Nobody but this process can use the server; what it orders is recorded under the user's name.</summary>
    private static OrchestratorSettings Protect(OrchestratorSettings settings, string token) => settings with
    {
        Http = settings.Http with { Tls = settings.Http.Tls is { Authorities.Length: > 0 } tls ? tls with { Certificate = "", Key = "" } : null },
        Security = settings.Security with
        {
            Tokens = [new TokenSettings(CommandRunner.UserName, Authenticator.Hash(token), ["admin"])],
            Jwt = null,
        },
    };

    private static string Overlay(ConfigurationSources sources, string configFile)
    {
        var overlay = """
            orchestrator.roles = [supervisor]
            orchestrator.http { host = "127.0.0.1", port = 0, advertised-url = "", page = off }
            orchestrator.remoting.port = 0

            """;
        var hasJournal = new[] { "file", "connection-string" }.Any(key => sources.File.HasPath($"orchestrator.journal.{key}"));
        var name = Path.Combine(Path.GetDirectoryName(configFile)!, Path.GetFileNameWithoutExtension(configFile) + ".journal.sqlite");
        return hasJournal ? overlay : $"{overlay}orchestrator.journal.file = {HoconText.Quote(name)}\n";
    }
}
