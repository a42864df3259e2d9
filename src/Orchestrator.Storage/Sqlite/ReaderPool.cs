namespace Orchestrator.Storage.Sqlite;

/// <summary>
/// Reading sessions of one file, for any thread. A swap drains the pool: readers that come meanwhile wait, those that run
/// finish or, if they are long, see <see cref="Lease.ShouldYield"/> and give up to begin anew.
/// </summary>
internal sealed class ReaderPool(Func<SqliteSession> open, int capacity) : IDisposable
{
    private readonly object gate = new();
    private readonly Stack<SqliteSession> idle = new();
    private int rented;
    private bool draining;
    private bool closed;

    /// <summary>A session, after waiting for one if all are in use.</summary>
    /// <exception cref="ObjectDisposedException">The pool is closed.</exception>
    public Lease Rent()
    {
        lock (gate)
        {
            while (!closed && (draining || rented >= capacity))
            {
                Monitor.Wait(gate);
            }

            ObjectDisposedException.ThrowIf(closed, this);
            rented++;
            if (idle.TryPop(out var session))
            {
                return new Lease(this, session);
            }
        }

        try
        {
            return new Lease(this, open());
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>
    /// Keeps new readers waiting, waits for the running ones and closes all sessions.
    /// </summary>
    /// <returns>False if readers were still running after the timeout; the pool then goes on as before.</returns>
    public bool Drain(TimeSpan timeout)
    {
        lock (gate)
        {
            draining = true;
            while (rented > 0)
            {
                // Each return pulses; the wait is bounded by one timeout per return, so a stuck reader ends it.
                if (!Monitor.Wait(gate, timeout))
                {
                    draining = false;
                    Monitor.PulseAll(gate);
                    return false;
                }
            }

            CloseIdle();
            return true;
        }
    }

    /// <summary>Lets the readers in again, on the file as it now is.</summary>
    public void Resume()
    {
        lock (gate)
        {
            draining = false;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Closes all sessions, those in use when they come back. Waiting readers get an error.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            Monitor.PulseAll(gate);
            while (rented > 0)
            {
                Monitor.Wait(gate);
            }

            CloseIdle();
        }
    }

    private void CloseIdle()
    {
        while (idle.TryPop(out var session))
        {
            session.Dispose();
        }
    }

    private void Return(SqliteSession session, bool broken)
    {
        if (broken)
        {
            session.Dispose();
            Release();
            return;
        }

        lock (gate)
        {
            idle.Push(session);
            rented--;
            Monitor.PulseAll(gate);
        }
    }

    private void Release()
    {
        lock (gate)
        {
            rented--;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>A session while it is rented.</summary>
    public sealed class Lease(ReaderPool pool, SqliteSession session) : IDisposable
    {
        private bool returned;

        public SqliteSession Session => session;

        /// <summary>True if a swap waits for this reader.</summary>
        public bool ShouldYield => Volatile.Read(ref pool.draining) || Volatile.Read(ref pool.closed);

        /// <summary>Set after an error: the session is then closed instead of being used again.</summary>
        public bool Broken { get; set; }

        public void Dispose()
        {
            if (!returned)
            {
                returned = true;
                pool.Return(session, Broken);
            }
        }
    }
}
