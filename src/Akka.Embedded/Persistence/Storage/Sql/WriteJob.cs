namespace Akka.Persistence.Storage.Sql;

/// <summary>One request of the writer's queue. Its outcome is published only after the transaction that contains it has ended.</summary>
internal abstract class WriteJob
{
    /// <summary>False for a job that only waits for those before it.</summary>
    public abstract bool Writes { get; }

    /// <summary>Runs in a transaction, which may be undone and the job run again in another one.</summary>
    public abstract void Run(SqlSession session);

    public abstract void Succeed();

    public abstract void Fail(Exception cause);
}

/// <summary>A write with a result.</summary>
internal sealed class WriteJob<T>(Func<SqlSession, T> work) : WriteJob
{
    // Continuations run elsewhere: the writer's thread must go on with the next transaction.
    private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public override bool Writes => true;

    public Task<T> Outcome => _outcome.Task;

    public override void Run(SqlSession session) => _result = work(session);

    public override void Succeed() => _outcome.TrySetResult(_result!);

    public override void Fail(Exception cause) => _outcome.TrySetException(cause);
}

/// <summary>Ends when every job before it has ended and the database is open and has its tables.</summary>
internal sealed class BarrierJob : WriteJob
{
    private readonly TaskCompletionSource _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override bool Writes => false;

    public Task Outcome => _outcome.Task;

    public override void Run(SqlSession session)
    {
    }

    public override void Succeed() => _outcome.TrySetResult();

    public override void Fail(Exception cause) => _outcome.TrySetException(cause);
}
