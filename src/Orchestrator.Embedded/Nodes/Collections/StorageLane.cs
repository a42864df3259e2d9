using Akka.Actor;

namespace Orchestrator.Embedded.Nodes.Collections;

/// <summary>One piece of storage work is over; told to the actor that owns the lane.</summary>
internal sealed record LaneWorkDone(long Number, object? Result, Exception? Error) : NodeInternal;

/// <summary>
/// Runs a store's writing members off the mailbox, one after another in the order in which they were given. All members
/// are for the owning actor alone; work runs on the thread pool, what follows it runs in the actor.
/// </summary>
/// <param name="owner">Receives <see cref="LaneWorkDone"/> and hands it to <see cref="Complete"/>.</param>
internal sealed class StorageLane(IActorRef owner)
{
    // Every producer has at most a few pieces under way; more is a defect that must not eat the memory.
    private const int Capacity = 1024;

    private readonly Queue<Work> waiting = new();
    private Work? current;
    private long lastNumber;

    /// <summary>Nothing runs and nothing waits.</summary>
    public bool Idle => current is null;

    /// <summary>Ends when the work that runs now has ended; never fails.</summary>
    public Task Quiescence { get; private set; } = Task.CompletedTask;

    /// <summary>Adds work.</summary>
    /// <param name="work">Runs on a thread of its own; must not touch the actor.</param>
    /// <param name="succeeded">Runs in the actor.</param>
    /// <param name="failed">Runs in the actor.</param>
    /// <param name="reserved">Whether it is taken even if the lane is full: for a producer that has one piece under way at most.</param>
    public void Run<T>(Func<T> work, Action<T> succeeded, Action<Exception> failed, bool reserved = false)
    {
        if (waiting.Count >= Capacity && !reserved)
        {
            failed(new InvalidOperationException($"more than {Capacity} storage tasks are waiting"));
            return;
        }

        waiting.Enqueue(new Work(++lastNumber, () => work(), result => succeeded((T)result!), failed));
        StartNext();
    }

    /// <summary>Ends a piece of work and starts the next one.</summary>
    public void Complete(LaneWorkDone done)
    {
        if (current is not { } work || work.Number != done.Number)
        {
            return;
        }

        current = null;
        if (done.Error is { } error)
        {
            work.Failed(error);
        }
        else
        {
            work.Succeeded(done.Result);
        }

        StartNext();
    }

    private void StartNext()
    {
        if (current is not null || !waiting.TryDequeue(out var next))
        {
            return;
        }

        current = next;
        Quiescence = Task.Run(() => Execute(next));
    }

    private void Execute(Work work)
    {
        try
        {
            owner.Tell(new LaneWorkDone(work.Number, work.Run(), null), owner);
        }
#pragma warning disable CA1031 // The error is the result; the actor decides what it means.
        catch (Exception e)
#pragma warning restore CA1031
        {
            owner.Tell(new LaneWorkDone(work.Number, null, e), owner);
        }
    }

    private sealed record Work(long Number, Func<object?> Run, Action<object?> Succeeded, Action<Exception> Failed);
}
