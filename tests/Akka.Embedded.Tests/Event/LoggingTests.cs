using Akka.Actor;
using Akka.Event;

namespace Akka.Embedded.Tests.Event;

public sealed class LoggingTests : Akka.TestKit.Xunit2.TestKit
{
    public LoggingTests()
        : base("akka.loglevel = INFO")
    {
    }

    private sealed class Logging : UntypedActor
    {
        private readonly ILoggingAdapter _log = Context.GetLogger();

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case Exception exception:
                    _log.Error(exception, "Failed on {Collection} after {Seconds} s", "orders", 1.5);
                    break;
                case string text:
                    _log.Debug("debug {0}", text);
                    _log.Info("info {0}", text);
                    _log.Warning("warning {0} and {1}", text, 2);
                    break;
                default:
                    _log.Info("{" + message + "} is no template");
                    break;
            }
        }
    }

    [Fact]
    public void Log_events_are_published_with_source_class_and_text()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(LogEvent));
        ActorOf<Logging>("logging").Tell("x");
        var info = ExpectMsg<Info>();
        Assert.Equal("info x", info.Message.ToString());
        Assert.Equal("akka://test/user/logging", info.LogSource.Split('#')[0].TrimStart('['));
        Assert.Equal(typeof(Logging), info.LogClass);
        Assert.Equal(LogLevel.InfoLevel, info.LogLevel());
        Assert.Null(info.Cause);
        var warning = ExpectMsg<Warning>();
        Assert.Equal("warning x and 2", warning.Message.ToString());
    }

    [Fact]
    public void Levels_below_the_configured_one_are_not_published()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Debug));
        ActorOf<Logging>().Tell("x");
        var log = Akka.Event.Logging.GetLogger(Sys, this);
        Assert.False(log.IsDebugEnabled);
        Assert.True(log.IsInfoEnabled);
        Assert.True(log.IsEnabled(LogLevel.ErrorLevel));
        log.Debug("not published");
        Sys.EventStream.Publish(new Debug("source", typeof(object), "published by hand"));
        Assert.Equal("published by hand", ExpectMsg<Debug>().Message);
    }

    [Fact]
    public void A_template_keeps_its_values()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Error));
        var exception = new InvalidOperationException("reason");
        EventFilter.Exception<InvalidOperationException>().ExpectOne(() => ActorOf<Logging>().Tell(exception));
        var error = ExpectMsg<Error>();
        Assert.Same(exception, error.Cause);
        var message = Assert.IsAssignableFrom<LogMessage>(error.Message);
        Assert.Equal("Failed on {Collection} after {Seconds} s", message.Format);
        Assert.Equal(["orders", 1.5], message.Parameters());
    }

    [Fact]
    public void A_text_without_values_is_not_taken_for_a_template()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Info));
        ActorOf<Logging>().Tell(5);
        Assert.Equal("{5} is no template", ExpectMsg<Info>().Message.ToString());
    }

    [Theory]
    [InlineData("DEBUG", LogLevel.DebugLevel)]
    [InlineData("info", LogLevel.InfoLevel)]
    [InlineData("Warning", LogLevel.WarningLevel)]
    [InlineData("ERROR", LogLevel.ErrorLevel)]
    public void Levels_have_names(string name, LogLevel level)
    {
        Assert.Equal(level, Akka.Event.Logging.LogLevelFor(name));
        Assert.Equal(name.ToUpperInvariant(), level.StringFor());
    }

    [Fact]
    public void An_unknown_level_is_refused() => Assert.Throws<ArgumentException>(() => Akka.Event.Logging.LogLevelFor("LOUD"));

    [Fact]
    public void Dead_letters_are_logged()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Info));
        Sys.DeadLetters.Tell("lost", TestActor);
        FishForMessage<Info>(info => info.Message.ToString()!.Contains("String", StringComparison.Ordinal));
    }
}
