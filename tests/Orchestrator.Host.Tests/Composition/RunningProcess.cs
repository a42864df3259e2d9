using Microsoft.Data.Sqlite;
using Orchestrator.Host.Cli.ApiClient;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Http;
using Orchestrator.Host.Http.Contracts;
using Serilog;
using Serilog.Core;

namespace Orchestrator.Host.Tests.Composition;

/// <summary>What <c>serve</c> starts, within the test: node, supervisor and journal of a configuration file.</summary>
internal sealed class RunningProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private readonly Logger _logger;
    private readonly JournalLock _journalLock;
    private readonly OrchestratorProcess _process;

    private RunningProcess(Logger logger, JournalLock journalLock, OrchestratorProcess process)
    {
        (_logger, _journalLock, _process) = (logger, journalLock, process);
        Client = new OrchestratorClient(new Uri(process.Address), TimeSpan.FromSeconds(120), followRedirects: false);
    }

    public OrchestratorClient Client { get; }

    public string Address => _process.Address;

    public static Task<RunningProcess> Start(string configFile) => Start(SettingsBinder.Load(configFile), configFile);

    /// <param name="hasMetrics">
    /// The instruments are those of the whole process, which in a test has others beside this one: whoever ends first takes those of the same name along.
    /// </param>
    public static async Task<RunningProcess> Start(OrchestratorSettings settings, string configFile = "", bool hasMetrics = false)
    {
        settings = settings with { Telemetry = settings.Telemetry with { Prometheus = hasMetrics } };
        var logger = new LoggerConfiguration().CreateLogger();
        var journalLock = JournalLock.Take(settings.Journal, configFile, alone: false);
        return new RunningProcess(logger, journalLock, await OrchestratorProcess.Start(
            settings, TimeProvider.System, new RunIds(TimeProvider.System, () => "000001"), 1, logger, isGuest: false, default));
    }

    public Task FinishNotifications() => _process.FinishNotifications();

    /// <summary>Asks again and again, while the server has no supervisor or no primary, until the answer is what is wanted.</summary>
    public async Task<T> Await<T>(Func<OrchestratorClient, Task<T>> question, Func<T, bool>? wanted = null)
    {
        using var limit = new CancellationTokenSource(Patience);
        var last = "the answers were others";
        while (true)
        {
            Assert.False(limit.IsCancellationRequested, last);
            try
            {
                if (await question(Client) is var answer && wanted?.Invoke(answer) != false)
                {
                    return answer;
                }
            }
            catch (ApiException e) when (e.Problem.Status is 404 or 409 or 503 or 421)
            {
                last = e.Message;
            }

            await Task.Delay(Poll, CancellationToken.None);
        }
    }

    /// <summary>Files and members are as they should be.</summary>
    public async Task ExpectSound(string cluster, string node)
    {
        var begun = await Await(client => client.Verify(cluster, node, new CollectionScopeBody(null, null), default));
        var done = await Await(client => client.Verification(cluster, begun.Id, default), status => status.FinishedAt is not null);
        Assert.Equal(("completed", true), (done.State, done.Result?.Sound));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _process.Stop();
        await _process.DisposeAsync();

        // A process that ends closes its files; the pool would keep the journal's open, also when another file has its name.
        SqliteConnection.ClearAllPools();
        _journalLock.Dispose();
        await _logger.DisposeAsync();
    }
}
