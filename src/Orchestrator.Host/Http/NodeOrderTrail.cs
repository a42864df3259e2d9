using Orchestrator.Core.Operations;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Host.Http.Security;

namespace Orchestrator.Host.Http;

/// <summary>
/// Tells the supervisor what was ordered of this process's node directly, past it, for the audit trail. A node follows orders also while
/// there is no supervisor; they stand in its book until one has them.
/// </summary>
internal sealed class NodeOrderTrail(SupervisorGateway supervisor, NodeCluster cluster, RunIds ids, TimeProvider time, ILogger<NodeOrderTrail> log)
    : BackgroundService
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(5);

    private readonly NodeOrderBook book = NodeOrderBook.Open(cluster.DataDirectory, ids.Next, log);
    private readonly SemaphoreSlim noted = new(0);

    /// <summary>A translation of replies that also notes the order with what came of it, on disk before the caller has the answer.</summary>
    public Func<DataReply, IResult?> Noting(HttpContext http, AuditAction action, string detail, Func<DataReply, IResult?> translate) => reply =>
    {
        var refusal = reply switch
        {
            OrderRefused refused => refused.Reason,
            DataUnavailable unavailable => unavailable.Reason,
            WriteNotConfirmed unconfirmed => unconfirmed.Reason,
            _ => "",
        };
        var by = http.Caller().Name;
        log.LogInformation("{By} ordered {Action} on this node ({Detail}): {Outcome}", by, action.ToText(), detail, refusal.Length == 0 ? "accepted" : refusal);
        book.Add(new RecordOrder(by, action.ToText(), cluster.Name, cluster.Node, detail, refusal) { At = time.GetUtcNow() });
        noted.Release();
        return translate(reply);
    };

    public override void Dispose()
    {
        noted.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            while (book.Next() is { } order)
            {
                if (await Tell(order, stoppingToken) is { } taken)
                {
                    book.Remove(taken.Number);
                }
                else
                {
                    await Task.Delay(RetryPause, time, stoppingToken);
                }
            }

            await noted.WaitAsync(stoppingToken);
        }
    }

    private async Task<OrderRecorded?> Tell(RecordOrder order, CancellationToken stoppingToken)
    {
        try
        {
            return (await supervisor.Ask<OrderRecorded>(order, SupervisorGateway.Quick, stoppingToken)).Reply;
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // Whatever it is, the process goes on serving, and the order waits.
            log.LogError(e, "Orders given directly to this node could not be passed to the supervisor; they will be sent again");
            return null;
        }
    }
}
