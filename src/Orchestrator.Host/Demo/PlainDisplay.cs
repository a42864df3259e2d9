using Orchestrator.Host.Cli;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;

namespace Orchestrator.Host.Demo;

/// <summary>Lines, for logs and pipes.</summary>
internal class PlainDisplay(CliOutput output) : IDemoDisplay
{
    protected CliOutput Output => output;

    public void Phase(string text) => output.Line(text);

    public void Note(string text) => output.Line($"  {text}");

    public void Plan(PlanDto plan) => RunText.Write(output.Text, plan);

    public virtual Task<T> DuringRun<T>(Func<IRunDisplay, Task<T>> work) => work(new Lines(output));

    public void Finish(DemoReport report, RunDto run) => DemoText.Write(output.Text, report, run);

    private sealed class Lines(CliOutput output) : IRunDisplay
    {
        public void Event(RunEventDto e) => output.Line($"  {RunWatcher.EventLine(e)}");

        public void Remark(string text) => output.Line($"  {text}");

        public void Progress(RunProgressDto progress)
        {
        }

        public void Members(ReplicaSetDto set)
        {
        }

        public void Client(ClientReport client)
        {
        }
    }
}
