using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Core.Operations;
using Orchestrator.Host.Http;

namespace Orchestrator.Host.Tests.Http;

/// <summary>Orders given to a node directly, until a supervisor has noted them.</summary>
public sealed class NodeOrderBookTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();
    private int books;

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Orders_that_nobody_has_noted_are_there_after_a_restart_under_their_numbers()
    {
        var book = Open();
        book.Add(Order("compact-node"));
        book.Add(Order("verify-node"));
        book.Remove(book.Next()!.Number);

        var reopened = Open();
        Assert.Equal(("verify-node", "book-1", 2L), (reopened.Next()!.Action, reopened.Next()!.Book, reopened.Next()!.Number));
        reopened.Remove(2);
        Assert.Null(Open().Next());
        reopened.Add(Order("resync"));
        Assert.Equal(("book-1", 3L), (Open().Next()!.Book, Open().Next()!.Number));
    }

    [Fact]
    public void Of_very_many_orders_the_oldest_are_dropped()
    {
        var book = NodeOrderBook.Open("", () => "book", NullLogger.Instance);
        for (var i = 0; i < NodeOrderBook.MaxWaiting + 3; i++)
        {
            book.Add(Order("compact-node"));
        }

        Assert.Equal(4, book.Next()!.Number);
    }

    [Fact]
    public void A_book_that_cannot_be_read_is_begun_anew_under_another_name()
    {
        File.WriteAllText(Path.Combine(directory.Path, "orders.json"), "{ torn");

        var book = Open();
        book.Add(Order("resync"));

        Assert.Equal(("book-1", 1L), (Open().Next()!.Book, Open().Next()!.Number));
        Assert.Equal("{ torn", File.ReadAllText(Path.Combine(directory.Path, "orders.json.damaged-1")));
    }

    private NodeOrderBook Open() => NodeOrderBook.Open(directory.Path, () => $"book-{++books}", NullLogger.Instance);

    private static RecordOrder Order(string action) => new("ann", action, "main", "node-1", "shop", "") { At = Samples.Now };
}
