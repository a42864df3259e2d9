using System.Diagnostics;
using Akka.Actor;
using Akka.Persistence;
using Microsoft.Data.Sqlite;

namespace Orchestrator.Benchmarks.Runtime;

/// <summary>One persistent actor on a SQLite journal in a directory of its own. All results are events a second.</summary>
internal static class JournalWrites
{
    private const int Sequential = 500;
    private const int PerCall = 100;
    private const int Calls = 500;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    public sealed record Result(double Sequential, double Batched, double Recovery, double BareCommits);

    public static async Task<Result> Measure()
    {
        var directory = Directory.CreateTempSubdirectory("figures-journal-");
        try
        {
            var settings = Settings.Sqlite(Path.Combine(directory.FullName, "journal.db"));
            var system = Settings.Start("journal", "local", settings);
            double sequential, batched;
            try
            {
                sequential = await Write(system, "sequential", Sequential, 1);
                batched = await Write(system, "batched", Calls * PerCall, PerCall);
            }
            finally
            {
                await system.Terminate();
            }

            var recovery = await Recover(settings, Calls * PerCall);
            return new Result(sequential, batched, recovery, BareCommits(Path.Combine(directory.FullName, "bare.db")));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<double> Write(ActorSystem system, string id, int events, int perCall)
    {
        var (ready, done) = (NewSignal(), NewSignal());
        var actor = system.ActorOf(Props.Create(() => new Writer(id, events, perCall, ready, done)));
        await ready.Task.WaitAsync(Limit);
        var watch = Stopwatch.StartNew();
        actor.Tell(new Count(0));
        await done.Task.WaitAsync(Limit);
        return events / watch.Elapsed.TotalSeconds;
    }

    private static async Task<double> Recover(string settings, int events)
    {
        var system = Settings.Start("recovery", "local", settings);
        try
        {
            // Opens the database and compiles the code of the path that is measured.
            var (warm, ready, unused) = (NewSignal(), NewSignal(), NewSignal());
            system.ActorOf(Props.Create(() => new Writer("sequential", 1, 1, warm, unused)));
            await warm.Task.WaitAsync(Limit);
            var watch = Stopwatch.StartNew();
            system.ActorOf(Props.Create(() => new Writer("batched", 1, 1, ready, unused)));
            await ready.Task.WaitAsync(Limit);
            return events / watch.Elapsed.TotalSeconds;
        }
        finally
        {
            await system.Terminate();
        }
    }

    /// <summary>One row a transaction by the provider alone, as durable as the journal: what the disk allows.</summary>
    private static double BareCommits(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (n INTEGER PRIMARY KEY, body BLOB)";
        command.ExecuteNonQuery();
        command.CommandText = "INSERT INTO t (body) VALUES (x'0102030405060708')";
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < Sequential; i++)
        {
            command.ExecuteNonQuery();
        }

        return Sequential / watch.Elapsed.TotalSeconds;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Persists the next events as soon as the last ones are stored.</summary>
    private sealed class Writer : ReceivePersistentActor
    {
        private readonly int _events;
        private readonly int _perCall;
        private readonly TaskCompletionSource _done;
        private int _stored;

        public Writer(string id, int events, int perCall, TaskCompletionSource ready, TaskCompletionSource done)
        {
            (PersistenceId, _events, _perCall, _done) = (id, events, perCall, done);
            Recover<Count>(_ => { });
            Recover<RecoveryCompleted>(_ => ready.TrySetResult());
            Command<Count>(_ => PersistNext());
        }

        public override string PersistenceId { get; }

        private void PersistNext()
        {
            if (_perCall == 1)
            {
                Persist(new Count(_stored), _ => Stored());
            }
            else
            {
                PersistAll(Enumerable.Range(_stored, _perCall).Select(i => new Count(i)), _ => Stored());
            }
        }

        private void Stored()
        {
            if (++_stored == _events)
            {
                _done.TrySetResult();
            }
            else if (_stored % _perCall == 0)
            {
                PersistNext();
            }
        }
    }
}
