using System.Diagnostics;
using Akka.Actor;

namespace Orchestrator.Benchmarks.Runtime;

/// <summary>Messages between two actor systems of this process over loopback TCP.</summary>
internal static class RemoteMessages
{
    private const int Messages = 400_000;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Requests and answers, so many in flight; messages a second, both ways counted.</summary>
    public static async Task<double> Exchange(int inFlight)
    {
        var here = Settings.Start("here", "remote", Settings.Loopback(0));
        var there = Settings.Start("there", "remote", Settings.Loopback(0));
        try
        {
            var address = ((ExtendedActorSystem)there).Provider.DefaultAddress;
            there.ActorOf(Props.Create(() => new Echo()), "echo");
            var echo = await here.ActorSelection($"{address}/user/echo").ResolveOne(Limit);
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var client = here.ActorOf(Props.Create(() => new Client(echo, Messages / 2, done)));
            var watch = Stopwatch.StartNew();
            client.Tell(new Begin(inFlight));
            await done.Task.WaitAsync(Limit);
            return Messages / watch.Elapsed.TotalSeconds;
        }
        finally
        {
            await Task.WhenAll(here.Terminate(), there.Terminate());
        }
    }

    private sealed record Begin(int InFlight);

    private sealed class Client(IActorRef echo, int requests, TaskCompletionSource done) : UntypedActor
    {
        private int _sent;
        private int _answered;

        protected override void OnReceive(object message)
        {
            if (message is Begin begin)
            {
                for (var i = 0; i < begin.InFlight; i++)
                {
                    Send();
                }
            }
            else if (++_answered == requests)
            {
                done.TrySetResult();
            }
            else if (_sent < requests)
            {
                Send();
            }
        }

        private void Send() => echo.Tell(new Count(_sent++), Self);
    }
}
