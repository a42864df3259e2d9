using Akka.Actor;
using Akka.TestKit;
using Orchestrator.Actors.Supervisor;
using Orchestrator.Core.Topology;
using Orchestrator.Embedded.Tests.Support;

namespace Orchestrator.Actors.Tests.Supervisor;

public sealed class SupervisorHostTests() : PatientTestKit(HandMoved)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData("stop")]
    [InlineData("throw")]
    public async Task A_supervisor_that_has_stopped_is_started_again_and_requests_meanwhile_are_refused(string how)
    {
        var lives = CreateTestProbe();
        var options = new SupervisorOptions();
        var host = Sys.ActorOf(SupervisorHost.Props(Props.Create(() => new Mortal(lives.Ref)), options));
        lives.ExpectMsg("started", Patience);
        await host.Ask<ClusterList>(new ListClusters(), Patience);

        host.Tell(how);
        lives.ExpectMsg("stopped", Patience);
        var refused = await AnswerAsync<RequestFailed>(host);
        ((TestScheduler)Sys.Scheduler).Advance(options.RestartBackoff * 2);
        lives.ExpectMsg("started", Patience);

        Assert.Equal(FailureCode.Unavailable, refused.Code);
        await AnswerAsync<ClusterList>(host);
    }

    private static async Task<T> AnswerAsync<T>(IActorRef host)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            // What reaches the supervisor while it stops is lost.
            var answer = await Task.WhenAny(host.Ask<object>(new ListClusters(), patience.Token), Task.Delay(50, patience.Token));
            if (answer is Task<object> { IsCompletedSuccessfully: true } done && done.Result is T wanted)
            {
                return wanted;
            }

            patience.Token.ThrowIfCancellationRequested();
            await Poll.PauseAsync();
        }
    }

    private sealed class Mortal : ReceiveActor
    {
        private readonly IActorRef lives;

        public Mortal(IActorRef lives)
        {
            this.lives = lives;
            Receive<ListClusters>(_ => Sender.Tell(new ClusterList([])));
            Receive<string>(how =>
            {
                if (how == "throw")
                {
                    throw new InvalidOperationException("as ordered");
                }

                Context.Stop(Self);
            });
        }

        protected override void PreStart() => lives.Tell("started");

        protected override void PostStop() => lives.Tell("stopped");
    }
}
