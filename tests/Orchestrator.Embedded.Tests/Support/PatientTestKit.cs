using Akka.Configuration;
using Akka.TestKit.Xunit2;

namespace Orchestrator.Embedded.Tests.Support;

/// <summary>A test kit that waits as long as a busy machine may take for what is expected; what comes sooner ends the wait.</summary>
public abstract class PatientTestKit(string configuration = "") : TestKit(ConfigurationFactory.ParseString(configuration + """

    akka.test {
      single-expect-default = 90s
      filter-leeway = 90s
      default-timeout = 90s
    }
    """))
{
    /// <summary>Moves the clock of a system whose configuration has the <see cref="HandMoved"/> one.</summary>
    protected const string HandMoved = "akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"";
}
