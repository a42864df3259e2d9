using System.Collections.Concurrent;
using System.Data.Common;

namespace Akka.Persistence.Storage.Sql;

/// <summary>
/// A database that one process writes through one connection and one thread, and reads through a few others. Requests
/// that wait while a transaction commits share the next one (group commit): with many actors the cost of making data
/// durable is shared, with one actor it adds no delay.
/// </summary>
internal sealed class SqlDatabase : IDisposable
{
    private const int Readers = 4;
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(10);

    private readonly SqlSettings _settings;
    private readonly BlockingCollection<WriteJob> _queue;
    private readonly Thread _writer;
    private readonly SemaphoreSlim _readerSlots = new(Readers);
    private readonly ConcurrentBag<SqlSession> _idleReaders = [];
    private volatile bool _disposed;
    private SqlSession? _session;

    public SqlDatabase(SqlDialect dialect, SqlSettings settings)
    {
        Dialect = dialect;
        _settings = settings;
        _queue = new BlockingCollection<WriteJob>(settings.BufferSize);
        _writer = new Thread(WriteLoop) { IsBackground = true, Name = "akka-persistence-writer" };
        _writer.Start();
    }

    public SqlDialect Dialect { get; }

    /// <summary>
    /// Queues a write. The work runs on the writer's thread and must be repeatable: it runs again when the transaction it
    /// shared is undone because of another request. The task ends after the commit.
    /// </summary>
    public Task<T> WriteAsync<T>(Func<SqlSession, T> work)
    {
        var job = new WriteJob<T>(work);
        Enqueue(job);
        return job.Outcome;
    }

    /// <summary>Ends when all writes queued before have ended. Fails when the database cannot be reached.</summary>
    public Task FlushAsync()
    {
        var job = new BarrierJob();
        Enqueue(job);
        return job.Outcome;
    }

    /// <summary>Reads on a pool thread, on a connection of its own. At most a few reads run at a time.</summary>
    public async Task<T> ReadAsync<T>(Func<SqlSession, T> work, CancellationToken cancellation)
    {
        await _readerSlots.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => Read(work), cancellation).ConfigureAwait(false);
        }
        finally
        {
            _readerSlots.Release();
        }
    }

    /// <summary>Carries out what is queued, then closes all connections.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        _queue.CompleteAdding();
        _writer.Join(DrainTimeout);
        CloseIdleReaders();
    }

    private void Enqueue(WriteJob job)
    {
        try
        {
            if (!_queue.TryAdd(job))
            {
                job.Fail(new InvalidOperationException($"{_settings.BufferSize} requests already wait for the database; see buffer-size."));
            }
        }
        catch (InvalidOperationException)
        {
            job.Fail(new ObjectDisposedException(nameof(SqlDatabase), "The database was closed with its actor system."));
        }
    }

    private T Read<T>(Func<SqlSession, T> work)
    {
        if (!_idleReaders.TryTake(out var session))
        {
            session = new SqlSession(Dialect.OpenReader(_settings.ConnectionString));
        }
        try
        {
            var result = work(session);
            _idleReaders.Add(session);
            session = null;
            return result;
        }
        finally
        {
            // A connection on which something failed is not used again.
            session?.Dispose();
            if (_disposed)
            {
                CloseIdleReaders();
            }
        }
    }

    private void CloseIdleReaders()
    {
        while (_idleReaders.TryTake(out var session))
        {
            session.Dispose();
        }
    }

    private void WriteLoop()
    {
        var batch = new List<WriteJob>();
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            batch.Add(first);
            while (batch.Count < _settings.BatchSize && _queue.TryTake(out var next))
            {
                batch.Add(next);
            }
            RunBatch(batch);
            batch.Clear();
        }
        CloseSession();
    }

    private void CloseSession()
    {
        try
        {
            _session?.Dispose();
        }
        catch (DbException)
        {
            // It is given up anyway, and nothing that was acknowledged depends on it.
        }
        _session = null;
    }

    private void RunBatch(List<WriteJob> batch)
    {
        try
        {
            Run(batch);
        }
        catch (Exception error) when (batch.Count > 1 && IsConfinedToOneJob(error))
        {
            foreach (var job in batch)
            {
                RunAlone(job);
            }
            return;
        }
        catch (Exception error)
        {
            Fail(batch, error);
            return;
        }
        batch.ForEach(job => job.Succeed());
    }

    private void RunAlone(WriteJob job)
    {
        try
        {
            Run([job]);
        }
        catch (Exception error)
        {
            Fail([job], error);
            return;
        }
        job.Succeed();
    }

    private void Run(List<WriteJob> jobs)
    {
        var session = _session ??= Open();
        if (jobs.Exists(job => job.Writes))
        {
            session.InTransaction(Dialect, () => jobs.ForEach(job => job.Run(session)));
        }
    }

    private void Fail(List<WriteJob> jobs, Exception error)
    {
        if (!IsConfinedToOneJob(error))
        {
            // The connection may be broken: the next batch opens a new one.
            CloseSession();
        }
        var told = Dialect.Explain(error, _settings.ConnectionString);
        jobs.ForEach(job => job.Fail(told));
    }

    private bool IsConfinedToOneJob(Exception error) =>
        error is ConflictingWriterException || Dialect.IsConfinedToStatement(error);

    private SqlSession Open()
    {
        var session = new SqlSession(Dialect.OpenWriter(_settings.ConnectionString));
        try
        {
            if (_settings.AutoInitialize)
            {
                // In one write transaction, so that of two processes that start at once the second waits and finds the tables.
                session.InTransaction(Dialect, () =>
                {
                    foreach (var statement in Dialect.CreateSchema)
                    {
                        session.Execute(statement);
                    }
                });
            }
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }
}
