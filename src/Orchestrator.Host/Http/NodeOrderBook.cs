using System.Collections.Immutable;
using Orchestrator.Core.Operations;
using Orchestrator.Embedded.Nodes;
using Orchestrator.Storage;
using Orchestrator.Storage.Files;

namespace Orchestrator.Host.Http;

/// <summary>
/// What was ordered of a node directly and no supervisor has noted yet, in <c>orders.json</c> in the node's data directory. Each order has a
/// number in this book, by which the supervisor knows one that it has already. Bounded: of very many the oldest are dropped, which the log says.
/// </summary>
internal sealed class NodeOrderBook
{
    /// <summary>Orders that wait at most.</summary>
    public const int MaxWaiting = 1000;

    private readonly Lock gate = new();
    private readonly MemberStateFile<Pages>? file;
    private readonly Func<string> newName;
    private readonly ILogger log;
    private Pages pages;

    private NodeOrderBook(MemberStateFile<Pages>? file, Pages pages, Func<string> newName, ILogger log)
    {
        this.file = file;
        this.pages = pages;
        this.newName = newName;
        this.log = log;
    }

    /// <param name="directory">The node's data directory; empty for a process without a node: then nothing is written.</param>
    /// <param name="newName">Names a book that did not exist, so that its numbers are not taken for those of another.</param>
    public static NodeOrderBook Open(string directory, Func<string> newName, ILogger log)
    {
        var file = directory.Length == 0 ? null : new MemberStateFile<Pages>(Path.Combine(directory, NodeFiles.Orders));
        Pages? pages = null;
        try
        {
            string? damaged = null;
            pages = file?.ReadOrPutAside(out damaged);
            if (damaged is not null)
            {
                log.LogError(
                    "{Damage}. Orders that were given directly to this node and not yet recorded by a supervisor are lost: they are missing from the audit trail. "
                    + "A new file is started; nothing else is affected", damaged);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.LogError(e, "The unrecorded orders in {File} cannot be read; a new file is started", file!.Path);
        }

        return new NodeOrderBook(file, pages ?? new Pages("", 0, []), newName, log);
    }

    /// <summary>Adds an order, on disk when this returns. A disk that cannot be written is logged; the order then waits in memory.</summary>
    public void Add(RecordOrder order)
    {
        lock (gate)
        {
            var name = pages.Book.Length > 0 ? pages.Book : newName();
            var number = pages.Last + 1;
            var waiting = pages.Waiting.Add(order with { Book = name, Number = number });
            if (waiting.Count > MaxWaiting)
            {
                log.LogWarning(
                    "{Waiting} orders given directly to this node are waiting for a supervisor to record them; the oldest, {Action} of {At:u} by {By}, is dropped",
                    MaxWaiting, waiting[0].Action, waiting[0].At, waiting[0].By);
                waiting = waiting.RemoveAt(0);
            }

            Write(new Pages(name, number, waiting));
        }
    }

    /// <summary>The oldest order that waits; null if none does.</summary>
    public RecordOrder? Next()
    {
        lock (gate)
        {
            return pages.Waiting.FirstOrDefault();
        }
    }

    /// <summary>A supervisor has noted the orders up to a number.</summary>
    public void Remove(long through)
    {
        lock (gate)
        {
            Write(pages with { Waiting = pages.Waiting.RemoveAll(order => order.Number <= through) });
        }
    }

    private void Write(Pages next)
    {
        pages = next;
        try
        {
            file?.Write(next);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StorageException)
        {
            log.LogError(e, "{File} cannot be written: orders given directly to this node are kept only in memory", file!.Path);
        }
    }

    /// <param name="Book">Empty before the first order.</param>
    /// <param name="Last">Number of the last order, noted or not.</param>
    internal sealed record Pages(string Book, long Last, ImmutableList<RecordOrder> Waiting);
}
