using Orchestrator.Host.Cli;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Formatting;
using Orchestrator.Host.Http.Contracts;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Orchestrator.Host.Demo;

/// <summary>For a terminal: while the run goes on, a table of the nodes with their states and a bar for each.</summary>
internal sealed class LiveDisplay(CliOutput output) : PlainDisplay(output)
{
    public override Task<T> DuringRun<T>(Func<IRunDisplay, Task<T>> work) =>
        Output.Text.Live(new Text("")).AutoClear(false).StartAsync(async context =>
        {
            var screen = new Screen(context);
            var result = await work(screen);
            screen.Draw();
            return result;
        });

    private sealed class Screen(LiveDisplayContext context) : IRunDisplay
    {
        private const int BarWidth = 30;
        private const int EventLines = 8;

        private readonly Lock gate = new();
        private readonly Queue<string> events = new();
        private readonly Dictionary<int, double> shown = [];
        private RunProgressDto? progress;
        private ReplicaSetDto? set;
        private ClientReport? client;

        public void Event(RunEventDto e) => Add(RunWatcher.EventLine(e));

        public void Remark(string text) => Add(text);

        private void Add(string line) => Change(() =>
        {
            if (events.Count == EventLines)
            {
                events.Dequeue();
            }

            events.Enqueue(line);
        });

        public void Progress(RunProgressDto latest) => Change(() => progress = latest);

        public void Members(ReplicaSetDto latest) => Change(() => set = latest);

        public void Client(ClientReport latest) => Change(() => client = latest);

        public void Draw() => Change(() => { });

        private void Change(Action change)
        {
            lock (gate)
            {
                change();
                var clientLine = client is { } seen
                    ? $"Client: {seen.WritesAcknowledged:N0} writes acknowledged, {seen.WritesRejected:N0} tried again, "
                        + $"{seen.ReadsDone:N0} reads, longest gap {seen.LongestWriteGapMs} ms"
                    : "";
                context.UpdateTarget(new Rows(
                    Nodes(), new Text(clientLine), new Text(string.Join('\n', events), new Style(Color.Grey))));
            }
        }

        private IRenderable Nodes()
        {
            var table = new Table { Border = TableBorder.None };
            table.AddColumns([.. new[] { "Node", "Role", "State", "Progress", "Freed", "Step" }.Select(heading => new TableColumn(heading)
            {
                Padding = new Padding(0, 0, 2, 0),
                NoWrap = true,
                Alignment = heading == "Freed" ? Justify.Right : Justify.Left,
            })]);
            foreach (var member in set?.Members ?? [])
            {
                var step = StepOf(member.Node);
                table.AddRow(
                    new Text(member.Node),
                    new Text(member.Role),
                    new Text(member.State, Tables.StyleOf(member.State)),
                    Bar(step),
                    new Text(step is { BytesFreed: > 0 } ? Human.Bytes(step.BytesFreed) : ""),
                    new Text(step is null ? "" : $"{step.Number}: {step.State}"));
            }

            return table;
        }

        /// <summary>The node's compaction; a step-down of the same node has no bar.</summary>
        private StepProgressDto? StepOf(string node) =>
            progress?.Steps.FirstOrDefault(step => step.Node == node && step.Kind == "compact");

        /// <summary>Never goes back, also when an attempt is tried again: its copy goes on from the checkpoint.</summary>
        private IRenderable Bar(StepProgressDto? step)
        {
            var fraction = 0.0;
            if (step is not null)
            {
                fraction = Math.Max(shown.GetValueOrDefault(step.Number), step.State is "completed" ? 1 : step.Fraction);
                shown[step.Number] = fraction;
            }

            var full = (int)Math.Round(Math.Clamp(fraction, 0, 1) * BarWidth);
            return new Markup($"[green]{new string('━', full)}[/][grey]{new string('━', BarWidth - full)}[/] {Human.Percent(fraction),5}");
        }
    }
}
