using Akka.Actor;

namespace Akka.Embedded.Tests.Actor;

public sealed class SmokeTests
{
    private sealed class Echo : ReceiveActor
    {
        public Echo()
        {
            Receive<string>(text => Sender.Tell(text));
            ReceiveAsync<int>(async number =>
            {
                await Task.Yield();
                Sender.Tell(number + 1);
            });
        }
    }

    [Fact]
    public async Task An_actor_answers_a_question()
    {
        using var system = ActorSystem.Create("smoke");
        var echo = system.ActorOf(Props.Create(() => new Echo()), "echo");
        Assert.Equal("hello", await echo.Ask<string>("hello", TimeSpan.FromSeconds(10)));
        Assert.Equal(2, await echo.Ask<int>(1, TimeSpan.FromSeconds(10)));
        var found = await system.ActorSelection("/user/echo").ResolveOne(TimeSpan.FromSeconds(10));
        Assert.Equal(echo, found);
        Assert.True(await echo.GracefulStop(TimeSpan.FromSeconds(10)));
    }
}
