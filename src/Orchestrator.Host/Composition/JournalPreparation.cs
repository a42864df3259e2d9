using Orchestrator.Actors.Journals;

namespace Orchestrator.Host.Composition;

/// <summary>
/// Brings the journal's database into the state that this build needs. Where it cannot be reached, that is tried again until it can, and said
/// once: the node of this process serves meanwhile, and the supervisor waits for its journal.
/// </summary>
internal sealed class JournalPreparation : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly SupervisorJournal _journal;
    private readonly TimeProvider _time;
    private readonly Serilog.ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _later;

    private JournalPreparation(SupervisorJournal journal, TimeProvider time, Serilog.ILogger logger)
    {
        _journal = journal;
        _time = time;
        _logger = logger;
        _later = journal.Prepare() is { } trouble ? TryLater(trouble) : Task.CompletedTask;
    }

    /// <summary>Tries it once before it returns.</summary>
    public static JournalPreparation Start(SupervisorJournal journal, TimeProvider time, Serilog.ILogger logger) => new(journal, time, logger);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _later.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task TryLater(string trouble)
    {
        _logger.Warning("The supervisor waits for its journal: {Trouble}.", trouble);
        while (true)
        {
            await Task.Delay(Pause, _time, _stop.Token);
            var now = await Task.Run(_journal.Prepare, _stop.Token);
            if (now is null)
            {
                _logger.Information("The journal can be read and written.");
                return;
            }

            if (now != trouble)
            {
                trouble = now;
                _logger.Warning("The supervisor waits for its journal: {Trouble}.", trouble);
            }
        }
    }
}
