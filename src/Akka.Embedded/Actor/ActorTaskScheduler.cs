using System.Runtime.ExceptionServices;
using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>
/// Runs the parts of an asynchronous handler as the actor: each continuation comes as a system message, with the
/// envelope of the message that the handler began with, while user messages are suspended.
/// </summary>
internal sealed class ActorTaskScheduler(ActorCell cell) : TaskScheduler
{
    public override int MaximumConcurrencyLevel => 1;

    /// <summary>
    /// Starts <paramref name="action"/> in the running actor. If it does not complete at once, user messages wait until
    /// it has; its failure is the actor's failure.
    /// </summary>
    public static void RunTask(Func<Task> action)
    {
        var cell = ActorCell.CurrentOrThrow();
        var scheduler = cell.TaskScheduler;
        var start = new Task<Task>(action);
        start.RunSynchronously(scheduler);
        var task = start.GetAwaiter().GetResult();
        if (task is null || task.IsCompleted)
        {
            task?.GetAwaiter().GetResult();
            return;
        }

        cell.Mailbox.Suspend();
        var envelope = cell.CurrentEnvelope;
        task.ContinueWith(
            (completed, state) => ((ActorCell)state!).Self.AsInternal().SendSystemMessage(new Completion(completed, envelope)),
            cell,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            Default);
    }

    protected override IEnumerable<Task> GetScheduledTasks() => [];

    protected override void QueueTask(Task task) =>
        cell.Self.AsInternal().SendSystemMessage(new Continuation(this, task, cell.AsyncEnvelope));

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ActorCell.Current == cell && TryExecuteTask(task);

    private sealed class Continuation(ActorTaskScheduler scheduler, Task task, Envelope envelope) : ActorWork
    {
        public override void Run(ActorCell cell)
        {
            cell.CurrentEnvelope = envelope;
            scheduler.TryExecuteTask(task);
        }
    }

    private sealed class Completion(Task task, Envelope envelope) : ActorWork
    {
        public override void Run(ActorCell cell)
        {
            cell.CurrentEnvelope = envelope;
            cell.Mailbox.Resume();
            if (task.Exception is { } exception)
            {
                ExceptionDispatchInfo.Throw(exception.InnerException!);
            }

            if (task.IsCanceled)
            {
                throw new TaskCanceledException(task);
            }
        }
    }
}
