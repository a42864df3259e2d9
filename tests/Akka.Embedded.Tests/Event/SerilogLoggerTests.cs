using Akka.Actor;
using Akka.Event;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using LogEvent = Serilog.Events.LogEvent;

namespace Akka.Embedded.Tests.Event;

public sealed class SerilogLoggerTests : Akka.TestKit.Xunit2.TestKit
{
    public SerilogLoggerTests()
        : base("""akka.loggers = ["Akka.Logger.Serilog.SerilogLogger, Akka.Logger.Serilog"]""")
    {
    }

    private sealed class Collecting(IActorRef observer, string marker) : ILogEventSink
    {
        public void Emit(LogEvent logEvent)
        {
            if (logEvent.RenderMessage().Contains(marker, StringComparison.Ordinal))
            {
                observer.Tell(logEvent, ActorRefs.NoSender);
            }
        }
    }

    private sealed class Compacting : UntypedActor
    {
        private readonly ILoggingAdapter _log = Context.GetLogger();

        protected override void OnReceive(object message)
        {
            _log.Warning(message as Exception, "Compacted {Collection} in {Seconds} s", "marked-orders", 3);
            _log.Info("marked-{braces} are only braces");
        }
    }

    [Fact]
    public void Log_events_go_to_Serilog_with_their_template_and_where_they_come_from()
    {
        var before = global::Serilog.Log.Logger;
        global::Serilog.Log.Logger = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(new Collecting(TestActor, "marked-")).CreateLogger();
        try
        {
            var exception = new InvalidOperationException("reason");
            ActorOf<Compacting>("compacting").Tell(exception);
            var warning = ExpectMsg<LogEvent>();
            Assert.Equal(LogEventLevel.Warning, warning.Level);
            Assert.Equal("Compacted {Collection} in {Seconds} s", warning.MessageTemplate.Text);
            Assert.Same(exception, warning.Exception);
            Assert.Equal("\"marked-orders\"", warning.Properties["Collection"].ToString());
            Assert.Equal("3", warning.Properties["Seconds"].ToString());
            Assert.Equal("\"/user/compacting\"", warning.Properties["ActorPath"].ToString());
            Assert.Equal("\"akka://test\"", warning.Properties["Address"].ToString());
            Assert.Contains(nameof(Compacting), warning.Properties["SourceContext"].ToString());

            Assert.Equal("marked-{braces} are only braces", ExpectMsg<LogEvent>().RenderMessage());
        }
        finally
        {
            global::Serilog.Log.Logger = before;
        }
    }
}
