using Akka.Embedded.Tests.Persistence.Storage;
using Akka.Persistence.Storage;
using Akka.Persistence.Storage.Sql;

namespace Akka.Embedded.Tests;

/// <summary>
/// A process that begins to store an event, and waits in the middle of the transaction until it gets a line; and so on. It says what
/// it does on standard output. See <see cref="FrozenWriterTests"/>.
/// </summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not ["hold-journal", var file])
        {
            Console.Error.WriteLine("usage: hold-journal FILE");
            return 2;
        }
        var dialect = SqlDialect.For("SQLite.MS", "test");
        using var database = new SqlDatabase(dialect, new SqlSettings(dialect.Normalize($"Data Source={file}", "test")));
        var journal = new SqlEventJournal(database, new TextCodec(), 10, TimeProvider.System);
        await journal.WriteAsync(FrozenWriterTests.Event("frozen", 1));
        var held = database.WriteAsync(session =>
        {
            session.Execute(new SqlStatement(
                "INSERT INTO journal (deleted, persistence_id, sequence_number, created, message) VALUES (0, 'frozen', 2, 0, x'')"));
            Console.WriteLine("in the transaction");
            return Console.ReadLine();
        });
        await held;
        Console.WriteLine("committed");
        while (Console.ReadLine() is { } number)
        {
            try
            {
                await journal.WriteAsync(FrozenWriterTests.Event("frozen", long.Parse(number, System.Globalization.CultureInfo.InvariantCulture)));
                Console.WriteLine("written");
            }
            catch (ConflictingWriterException)
            {
                Console.WriteLine("fenced");
            }
        }
        return 0;
    }
}
