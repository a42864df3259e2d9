using Akka.Actor;

namespace Orchestrator.Benchmarks.Runtime;

/// <summary>What actors that have handled a message and wait for the next one keep of the managed heap.</summary>
internal static class IdleActors
{
    private const double Mega = 1 << 20;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Megabytes that remain in use after a full collection.</summary>
    public static async Task<double> Megabytes(int actors)
    {
        var system = Settings.Start("idle", "local");
        try
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            system.ActorOf(Props.Create(() => new Crowd(actors, done)));
            await done.Task.WaitAsync(Limit);
            var after = GC.GetTotalMemory(forceFullCollection: true);
            return (after - before) / Mega;
        }
        finally
        {
            await system.Terminate();
        }
    }

    /// <summary>The parent of all; it is told by each when it has handled its message.</summary>
    private sealed class Crowd : UntypedActor
    {
        private readonly int _actors;
        private readonly TaskCompletionSource _done;
        private int _answered;

        public Crowd(int actors, TaskCompletionSource done)
        {
            (_actors, _done) = (actors, done);
            var props = Props.Create(() => new Echo());
            for (var i = 0; i < actors; i++)
            {
                Context.ActorOf(props).Tell("wake up", Self);
            }
        }

        protected override void OnReceive(object message)
        {
            if (++_answered == _actors)
            {
                _done.TrySetResult();
            }
        }
    }
}
