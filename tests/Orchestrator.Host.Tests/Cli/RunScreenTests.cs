using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Http.Contracts;
using Orchestrator.Host.Http.Translation;
using Orchestrator.Host.Tests.Http;
using Spectre.Console;

namespace Orchestrator.Host.Tests.Cli;

public sealed class RunScreenTests
{
    private static readonly ProgressDto _work = new("shop/orders", "copy", 0.4, 1, 5, 120 << 20, 45 << 20)
    {
        RemainingSeconds = 34.2,
        LongestWritePauseSeconds = 0.012,
    };

    private static readonly RunDto _run = Samples.Run("r-1", "running").ToDto() with
    {
        Steps = [Step(1, "compact", "completed", 1), Step(2, "compact", "running", 0.4), Step(3, "step-down", "pending", 0), Step(4, "compact", "pending", 0)],
    };

    [Fact]
    public void It_shows_one_percentage_every_step_and_what_those_at_work_do()
    {
        var lines = Show(_run, new RunScreen(_run, new FixedTime()), 80, 24);

        Assert.Equal("Run r-1: running", lines[0]);
        Assert.StartsWith("[############..................] 43 %", lines[1], StringComparison.Ordinal);
        Assert.Equal("   1  compact    node-1  completed, 5.0 MiB freed", lines[3]);
        Assert.Equal("   2  compact    node-2  running 40 %", lines[4]);
        Assert.Equal("      copy shop/orders, unit 2/5, 120.0 MiB, 45.0 MiB/s, 35 s left, pause 12 ms", lines[5]);
        Assert.Equal("   3  step-down  node-3  pending", lines[6]);
    }

    [Fact]
    public void The_percentage_never_goes_back_when_a_step_is_tried_again()
    {
        var screen = new RunScreen(_run, new FixedTime());
        var last = 0.0;
        foreach (var share in (double[])[0.4, 0.9, 0, 0.1, 0.95, 1])
        {
            screen.Show(
                RunScreen.Of(_run with { Steps = [.. _run.Steps.Select(step => step.Number == 2 ? step with { Fraction = share } : step)] }), 80, 24);
            Assert.True(screen.Fraction >= last, $"{screen.Fraction} after {last}");
            last = screen.Fraction;
        }

        Assert.InRange(last, 0.5, 1);
    }

    [Theory]
    [InlineData(80, 24)]
    [InlineData(120, 40)]
    [InlineData(60, 10)]
    public void Nothing_is_wider_or_higher_than_the_terminal(int width, int height)
    {
        var many = _run with
        {
            Steps = [.. Enumerable.Range(1, 60).Select(i => Step(i, "compact", i < 20 ? "completed" : i < 23 ? "running" : "pending", i < 20 ? 1 : 0.5) with
            {
                Node = $"a-member-with-a-rather-long-name-{i}",
                Progress = i is >= 20 and < 23 ? _work with { Unit = "a-database-with-a-long-name/a-collection#an-index-with-a-long-name" } : null,
            })],
        };

        var lines = Show(many, new RunScreen(many, new FixedTime()), width, height);

        Assert.All(lines, line => Assert.True(line.Length <= width, $"{line.Length}: {line}"));
        Assert.InRange(lines.Count, 4, height);
        Assert.Contains(lines, line => line.Contains("19 of 60 steps are done", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("running 50 %", StringComparison.Ordinal));
    }

    [Fact]
    public void At_the_end_sizes_contents_stages_and_plan_against_actual_are_shown()
    {
        var unit = new UnitCompactedDto("shop/orders", 1000 << 10, 400 << 10, 600 << 10, 90, 10, 2, 0.012)
        {
            PhysicalBytesBefore = 1000 << 10,
            PhysicalBytesAfter = 404 << 10,
            CompressionRatio = 2,
            Stages = [new StageTimeDto("copy", 1.5), new StageTimeDto("swap", 0.5)],
        };
        var ended = _run with
        {
            State = "completed",
            BytesFreed = 1200 << 10,
            EstimatedBytesFreed = 1100 << 10,
            Steps = [Step(1, "compact", "completed", 1) with { Units = [unit, unit with { Unit = "shop/orders#by-city", CompressionRatio = null }] }],
        };

        var lines = Render(console => RunText.Write(console, ended), 80);

        Assert.Contains("Files                2.0 MiB before, 800.0 KiB after", lines);
        Assert.Contains("On disk              2.0 MiB before, 808.0 KiB after", lines);
        Assert.Contains("Freed                1.2 MiB, 1.1 MiB planned", lines);
        Assert.Contains("Contents             90 documents and 90 index entries in 2 units, 20 tombstones", lines);
        Assert.Contains("                     dropped, compression ratio 2.00", lines);
        Assert.Contains("Work                 4.0 s, 2.0 s planned", lines);
        Assert.Contains("Stages               copy 3.0 s, swap 1.0 s", lines);
        Assert.Contains("Longest write pause  12 ms", lines);
        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void What_an_engine_does_not_tell_is_not_shown_as_nothing()
    {
        var ended = _run with { State = "completed", Steps = [Step(1, "compact", "completed", 1) with { Units = [new UnitCompactedDto("shop/orders", 9, 4, 5, 0, 0, 2, 0)] }] };

        var lines = Render(console => RunText.Write(console, ended), 80);

        Assert.Contains("Contents  1 unit", lines);
        Assert.DoesNotContain(lines, line => line.Contains("document", StringComparison.Ordinal) || line.Contains("pause", StringComparison.Ordinal));
    }

    private static StepDto Step(int number, string kind, string state, double fraction) => new(
        number, "rs-1", kind, $"node-{number}", state, "as planned", 1, fraction, 0, 0, state == "completed" ? 5 << 20 : 0, null, [], null, null)
    {
        EstimatedDurationSeconds = kind == "compact" ? 2 : 0,
        Progress = state == "running" ? _work : null,
    };

    private static IReadOnlyList<string> Show(RunDto run, RunScreen screen, int width, int height) =>
        Render(console => console.Write(screen.Show(RunScreen.Of(run), width, height)), width);

    private static IReadOnlyList<string> Render(Action<IAnsiConsole> write, int width)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(text),
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
        });
        console.Profile.Width = width;
        write(console);
        return [.. text.ToString().Split('\n').Select(line => line.TrimEnd())];
    }
}
