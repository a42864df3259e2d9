using Orchestrator.Core.Nodes;
using Orchestrator.Core.Topology;

namespace Orchestrator.Core.Tests.Nodes;

public sealed class CompactionLedgerTests
{
    private static readonly DocumentsUnit Unit = new("shop", "orders");

    [Fact]
    public void A_ticket_at_work_is_answered_with_its_status()
    {
        var ledger = CompactionLedger.Empty.With(Running(1));

        var admission = ledger.Admit(Order(1), isPrimary: false, "", _ => "");

        Assert.Equal(Running(1), Assert.IsType<CompactionAdmission.Known>(admission).Status);
    }

    [Fact]
    public void A_ticket_that_has_ended_is_answered_with_its_result()
    {
        var ledger = CompactionLedger.Empty.With(Running(1)).Finish(Succeeded(1), kept: 16);

        Assert.IsType<CompactionSucceeded>(Assert.IsType<CompactionAdmission.Known>(ledger.Admit(Order(1), false, "", _ => "")).Status);
    }

    [Fact]
    public void A_second_ticket_is_refused_with_the_first_ones_name()
    {
        var refused = Assert.IsType<CompactionAdmission.Refused>(
            CompactionLedger.Empty.With(Running(1)).Admit(Order(2), false, "", _ => ""));

        Assert.Equal(RefusalCode.Busy, refused.Code);
        Assert.Contains("run-1", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_takes_two_refuses_the_third_and_forgets_none()
    {
        var ledger = (CompactionLedger.Empty with { IsShared = true, Most = 2 }).Beside(Running(2));

        Assert.IsType<CompactionAdmission.Start>(ledger.Admit(Order(1), false, "", _ => ""));
        ledger = ledger.Beside(Running(1)).Beside(Running(2));

        Assert.Equal([Ticket(2), Ticket(1)], ledger.Running.Select(running => running.Ticket));
        Assert.Equal(RefusalCode.Busy, Assert.IsType<CompactionAdmission.Refused>(ledger.Admit(Order(3), false, "", _ => "")).Code);
        Assert.Equal([Ticket(1)], ledger.Finish(Succeeded(2), kept: 16).Running.Select(running => running.Ticket));
    }

    [Fact]
    public void In_a_node_of_several_sets_only_another_attempt_of_the_same_step_overtakes_an_order()
    {
        var later = new CompactionTicket("run-1", 4, 1);
        var ledger = (CompactionLedger.Empty with { IsShared = true }).Begin(later, kept: 16).Finish(new CompactionSucceeded(later, []), kept: 16);

        Assert.IsType<CompactionAdmission.Start>(ledger.Admit(Order(1), isPrimary: false, "", _ => ""));
        Assert.IsType<CompactionAdmission.Refused>(ledger.Begin(new CompactionTicket("run-1", 1, 2), kept: 16).Admit(Order(1), isPrimary: false, "", _ => ""));
    }

    [Fact]
    public void What_is_wrong_with_an_order_is_told_although_another_one_is_at_work()
    {
        var refused = Assert.IsType<CompactionAdmission.Refused>(
            CompactionLedger.Empty.With(Running(1)).Admit(Order(2), false, "the mode 'shrink' is unknown", _ => ""));

        Assert.Equal((RefusalCode.Invalid, "the mode 'shrink' is unknown"), (refused.Code, refused.Reason));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public void A_ticket_that_a_later_one_of_its_run_has_overtaken_is_refused(int step, int attempt)
    {
        var later = new CompactionSucceeded(new CompactionTicket("run-1", step, attempt), []);
        var ledger = CompactionLedger.Empty.Finish(later, kept: 16);

        var refused = Assert.IsType<CompactionAdmission.Refused>(ledger.Admit(Order(1), isPrimary: false, "", _ => ""));

        Assert.Equal(RefusalCode.WrongState, refused.Code);
        Assert.Contains($"step {step}, attempt {attempt}", refused.Reason, StringComparison.Ordinal);
        Assert.IsType<CompactionAdmission.Start>(ledger.Admit(Order(2), isPrimary: false, "", _ => ""));
    }

    [Fact]
    public void The_last_ticket_of_the_last_runs_is_remembered()
    {
        var ledger = CompactionLedger.Empty;
        for (var i = 1; i <= 5; i++)
        {
            ledger = ledger.Begin(Ticket(i), kept: 3).Begin(Ticket(i) with { Attempt = 2 }, kept: 3);
        }

        Assert.Equal([.. new[] { 3, 4, 5 }.Select(run => Ticket(run) with { Attempt = 2 })], ledger.Latest);
        Assert.IsType<CompactionAdmission.Refused>(ledger.Admit(Order(5), isPrimary: false, "", _ => ""));
        Assert.IsType<CompactionAdmission.Start>(
            ledger.Admit(Order(5) with { Ticket = Ticket(5) with { Attempt = 2 } }, isPrimary: false, "", _ => ""));
    }

    [Fact]
    public void A_primary_is_compacted_only_with_force()
    {
        Assert.Equal(
            RefusalCode.WrongState,
            Assert.IsType<CompactionAdmission.Refused>(CompactionLedger.Empty.Admit(Order(1), isPrimary: true, "", _ => "")).Code);
        Assert.IsType<CompactionAdmission.Start>(CompactionLedger.Empty.Admit(Order(1, force: true), isPrimary: true, "", _ => ""));
    }

    [Fact]
    public void An_unknown_unit_is_named()
    {
        var refused = Assert.IsType<CompactionAdmission.Refused>(CompactionLedger.Empty.Admit(Order(1), false, "", unit => $"there is no {unit.Path} on this member"));

        Assert.Equal(RefusalCode.NotFound, refused.Code);
        Assert.Contains("shop/orders", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_invalid_order_is_refused_with_the_reason()
    {
        var refused = Assert.IsType<CompactionAdmission.Refused>(CompactionLedger.Empty.Admit(Order(1, mode: "magic"), false, "the mode 'magic' is unknown", _ => ""));

        Assert.Equal(RefusalCode.Invalid, refused.Code);
        Assert.Contains("magic", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_last_results_are_remembered()
    {
        var ledger = CompactionLedger.Empty;
        for (var i = 1; i <= 5; i++)
        {
            ledger = ledger.With(Running(i)).Finish(Succeeded(i), kept: 3);
        }

        Assert.Equal([3, 4, 5], ledger.Finished.Select(status => int.Parse(status.Ticket.RunId[4..])));
        Assert.Empty(ledger.Running);
    }

    /// <summary>An observation that is longer than a message may be is never seen. One result alone is about as long as its order, which has arrived.</summary>
    [Theory]
    [InlineData(200, 5)]
    [InlineData(900, 1)]
    [InlineData(20_000, 1)]
    [InlineData(0, 16)]
    public void What_is_shown_has_the_last_results_as_far_as_they_have_few_units(int units, int shown)
    {
        var ledger = CompactionLedger.Empty;
        for (var i = 1; i <= 16; i++)
        {
            var done = Enumerable.Repeat(new UnitCompacted(Unit, 2, 1, 1, 0, TimeSpan.Zero, TimeSpan.Zero), units).ToList();
            ledger = ledger.Finish(new CompactionSucceeded(Ticket(i), done), kept: 16);
        }

        ledger = ledger.With(Running(17));

        Assert.Equal([.. Enumerable.Range(17 - shown, shown + 1).Select(Ticket)], ledger.Shown.Select(status => status.Ticket));
        Assert.Equal([.. Enumerable.Range(1, 16 - shown).Select(Ticket)], ledger.Hidden);
        Assert.IsType<CompactionAdmission.Known>(ledger.Admit(Order(1), isPrimary: false, "", _ => ""));
    }

    [Fact]
    public void Progress_of_another_ticket_changes_nothing()
    {
        var ledger = CompactionLedger.Empty.With(Running(1));

        Assert.Equal(ledger, ledger.With(Running(2)));
    }

    private static CompactionTicket Ticket(int run) => new($"run-{run}", 1, 1);

    private static CompactionRunning Running(int run) => new(Ticket(run), new CompactionProgress(Unit.Path, "waiting", 0, 0, 1, 0, 0));

    private static CompactionSucceeded Succeeded(int run) => new(Ticket(run), []);

    private static CompactUnits Order(int run, bool force = false, string mode = "rewrite") =>
        new(1, Ticket(run), [Unit], new CompactionSettings(mode, force, 0, ""));
}
