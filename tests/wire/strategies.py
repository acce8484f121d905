"""Messages of every type that a version can say exactly, for round trips.

Left out is only what a version has no words for: times finer than it writes, later codes in 4.2,
and a 4.2 fill of a stopped order that has nothing done, which FIX 4.2 defines to be no fill.
"""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from fix_oms.model import fix
from fix_oms.model import messages as m
from fix_oms.model.fix import ExecType, FixVersion, OrdStatus, OrdType, Side, TimeInForce
from fix_oms.model.units import LARGEST
from fix_oms.wire.positions import HOLDINGS
from fix_oms.wire.versions import VERSIONS

PRINTABLE: Final = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029")
words: Final = st.text(PRINTABLE, min_size=1, max_size=20)
ids: Final = words.filter(lambda word: word not in ("0", "NONE"))
maybe: Final = st.none() | words
quantities: Final = st.integers(0, LARGEST)
order_quantities: Final = st.integers(1, LARGEST)
prices: Final = st.integers(-LARGEST, LARGEST)
extras: Final = st.dictionaries(st.integers(5000, 9999).map(str), words, max_size=3)
paths: Final = st.lists(st.tuples(words, words), min_size=1, max_size=3).map(
    lambda parties: {
        "453": str(len(parties)),
        **{
            f"453.{n}.{tag}": value
            for n, (party, role) in enumerate(parties, 1)
            for tag, value in (("448", party), ("452", role))
        },
    }
)


def times(version: FixVersion) -> st.SearchStrategy[int]:
    """Times that the version writes without loss."""
    unit = 10 ** (9 - VERSIONS[version].places)
    return st.integers(-(10**18) // unit, 4 * 10**18 // unit).map(lambda n: n * unit)


@st.composite
def terms(draw: st.DrawFn, version: FixVersion) -> m.Terms:
    ord_type, tif = draw(st.sampled_from(OrdType)), draw(st.sampled_from(TimeInForce))
    cash = draw(st.none() | order_quantities)
    return m.Terms(
        symbol=draw(words),
        side=draw(st.sampled_from(Side)),
        order_qty=draw(order_quantities) if cash is None else 0,
        cash_order_qty=cash,
        ord_type=ord_type,
        price=draw(prices) if ord_type in "24" else None,
        stop_px=draw(prices) if ord_type in "34" else None,
        time_in_force=tif,
        account=draw(maybe),
        ex_destination=draw(maybe),
        expire_time=draw(times(version)) if tif == TimeInForce.GTD else None,
        text=draw(maybe),
    )


def cancels(version: FixVersion) -> st.SearchStrategy[m.OrderCancelRequest]:
    identified = st.builds(
        m.Terms,
        symbol=words,
        side=st.sampled_from(Side),
        order_qty=order_quantities,
        ord_type=st.just(""),
        account=maybe,
        text=maybe,
    )
    return st.builds(
        m.OrderCancelRequest,
        cl_ord_id=words,
        orig_cl_ord_id=words,
        order_id=st.none() | ids,
        terms=identified,
        transact_time=times(version),
        extra=extras,
    )


def dont_know_trades() -> st.SearchStrategy[m.DontKnowTrade]:
    """35=Q."""
    return st.builds(
        m.DontKnowTrade,
        order_id=words,
        exec_id=words,
        dk_reason=st.sampled_from("ABCDEZ"),
        symbol=words,
        side=words,
        order_qty=st.none() | quantities,
        cash_order_qty=st.none() | quantities,
        last_qty=st.none() | quantities,
        last_px=st.none() | prices,
        text=maybe,
        extra=extras,
    )


def requests(version: FixVersion) -> dict[str, st.SearchStrategy[Any]]:
    """Every request, by MsgType."""
    later = version is not FixVersion.FIX42
    when = times(version)
    found: dict[str, st.SearchStrategy[Any]] = {
        "D": st.builds(
            m.NewOrderSingle,
            cl_ord_id=words,
            terms=terms(version),
            transact_time=when,
            poss_resend=st.booleans(),
            extra=extras | paths,
        ),
        "F": cancels(version),
        "G": st.builds(
            m.OrderCancelReplaceRequest,
            cl_ord_id=words,
            orig_cl_ord_id=words,
            order_id=st.none() | ids,
            terms=terms(version),
            transact_time=when,
            extra=extras,
        ),
        "H": st.builds(
            m.OrderStatusRequest,
            cl_ord_id=words,
            order_id=st.none() | ids,
            symbol=words,
            side=words,
            ord_status_req_id=maybe if later else st.none(),
            account=maybe,
            extra=extras,
        ),
    }
    found["Q"] = dont_know_trades()
    if later:
        found["q"] = st.builds(
            m.OrderMassCancelRequest,
            cl_ord_id=words,
            transact_time=when,
            symbol=maybe,
            extra=extras,
        )
        found["AF"] = st.builds(
            m.OrderMassStatusRequest, mass_status_req_id=words, symbol=maybe, extra=extras
        )
    return found


def execution_reports(version: FixVersion) -> st.SearchStrategy[m.ExecutionReport]:
    table = VERSIONS[version]
    old = version is FixVersion.FIX42
    known = set(table.exec_types) & set(ExecType) | (set("FGHI") if old else set())
    later = st.none() if old else maybe
    made = st.builds(
        m.ExecutionReport,
        cl_ord_id=maybe,
        order_id=st.none() | ids,
        exec_id=ids,
        exec_type=st.sampled_from(sorted(known)),
        ord_status=st.sampled_from(sorted(set(OrdStatus) - {"5"})),
        symbol=words,
        side=words,
        orig_cl_ord_id=maybe,
        exec_ref_id=ids,
        order_qty=st.none() | quantities,
        ord_type=maybe,
        price=st.none() | prices,
        stop_px=st.none() | prices,
        time_in_force=maybe,
        last_qty=st.none() | quantities,
        last_px=st.none() | prices,
        cum_qty=quantities,
        leaves_qty=quantities,
        avg_px=prices,
        day_order_qty=st.none() | quantities,
        day_cum_qty=st.none() | quantities,
        day_avg_px=st.none() | prices,
        cash_order_qty=st.none() | quantities,
        account=maybe,
        last_mkt=maybe,
        commission=st.none() | prices,
        misc_fees=st.none() if old else st.none() | prices,
        transact_time=st.none() | times(version),
        trade_date=maybe,
        text=maybe,
        ord_rej_reason=st.none() | st.sampled_from("012345678"),
        exec_restatement_reason=st.none() | st.sampled_from("012345"),
        ord_status_req_id=later,
        mass_status_req_id=later,
        tot_num_reports=st.none() if old else st.none() | st.integers(0, 10**9),
        last_rpt_requested=st.none() if old else st.none() | st.booleans(),
        poss_resend=st.booleans(),
        extra=extras | paths,
    )
    return made.filter(lambda r: not (old and r.exec_type == "F" and r.ord_status == "7"))


def entries(incremental: bool) -> st.SearchStrategy[tuple[m.MDEntry, ...]]:
    one = st.builds(
        m.MDEntry,
        entry_type=st.sampled_from("012"),
        price=st.none() | prices,
        size=st.none() | quantities,
        action=st.sampled_from("012") if incremental else st.none(),
        symbol=words if incremental else st.none(),
        entry_id=maybe,
        position=st.none() | st.integers(0, 1000),
        market=maybe,
        rpt_seq=st.none() | st.integers(0, 10**12),
    )
    return st.lists(one, max_size=5).map(tuple)


def reports(version: FixVersion) -> dict[str, st.SearchStrategy[Any]]:
    """Every report, by MsgType."""
    found: dict[str, st.SearchStrategy[Any]] = {
        "8": execution_reports(version),
        "9": st.builds(
            m.OrderCancelReject,
            cl_ord_id=words,
            orig_cl_ord_id=words,
            order_id=st.none() | ids,
            ord_status=words,
            cxl_rej_response_to=st.sampled_from("12"),
            cxl_rej_reason=st.none() | st.sampled_from("0123"),
            text=maybe,
            transact_time=st.none() | times(version),
            poss_resend=st.booleans(),
            extra=extras,
        ),
        "j": st.builds(
            m.BusinessMessageReject,
            ref_msg_type=words,
            business_reject_reason=st.sampled_from("012345"),
            ref_seq_num=st.none() | st.integers(0, 10**9),
            business_reject_ref_id=maybe,
            text=maybe,
            extra=extras,
        ),
        "3": st.builds(
            m.SessionReject,
            ref_seq_num=st.integers(0, 10**9),
            ref_tag_id=st.none() | st.integers(0, 10**6),
            ref_msg_type=maybe,
            session_reject_reason=maybe,
            text=maybe,
            extra=extras,
        ),
    }
    if version is not FixVersion.FIX42:
        found["r"] = st.builds(
            m.OrderMassCancelReport,
            cl_ord_id=maybe,
            order_id=st.none() | ids,
            mass_cancel_request_type=st.sampled_from("17"),
            mass_cancel_response=st.sampled_from("017"),
            mass_cancel_reject_reason=maybe,
            total_affected_orders=st.none() | st.integers(0, 10**6),
            text=maybe,
            extra=extras,
        )
    return found


def market_data() -> dict[str, st.SearchStrategy[Any]]:
    """V, W, X and Y, which are the same in every version."""
    return {
        "V": st.builds(
            m.MarketDataRequest,
            md_req_id=words,
            subscription_request_type=st.sampled_from("012"),
            symbols=st.lists(words, min_size=1, max_size=4).map(tuple),
            market_depth=st.integers(0, 100),
            extra=extras,
        ),
        "W": st.builds(
            m.MarketDataSnapshot,
            symbol=words,
            entries=entries(incremental=False),
            market=maybe,
            rpt_seq=st.none() | st.integers(0, 10**12),
            md_req_id=maybe,
            extra=extras,
        ),
        "X": st.builds(m.MarketDataIncremental, entries=entries(incremental=True), md_req_id=maybe),
        "Y": st.builds(
            m.MarketDataRequestReject,
            md_req_id=words,
            md_req_rej_reason=maybe,
            text=maybe,
            extra=extras,
        ),
    }


def position_messages(version: FixVersion) -> dict[str, st.SearchStrategy[Any]]:
    """AN, AO and AP, which FIX 4.2 does not have."""
    counts = st.none() | st.integers(0, 10**6)
    dates = st.dates().map(lambda day: f"{day:%Y%m%d}".rjust(8, "0"))
    return {
        "AN": st.builds(
            m.RequestForPositions,
            pos_req_id=words,
            account=words,
            clearing_business_date=dates,
            transact_time=times(version),
            pos_req_type=st.sampled_from(fix.PosReqType),
            subscription_request_type=st.none() | st.sampled_from("012"),
            extra=extras | paths,
        ),
        "AO": st.builds(
            m.RequestForPositionsAck,
            pos_req_id=maybe,
            pos_req_result=st.sampled_from(fix.PosReqResult),
            pos_req_status=st.sampled_from(fix.PosReqStatus),
            total_num_pos_reports=counts,
            pos_maint_rpt_id=words,
            account=words,
            text=maybe,
            extra=extras | paths,
        ),
        "AP": st.builds(
            m.PositionReport,
            account=words,
            symbol=words,
            long_qty=quantities,
            short_qty=quantities,
            pos_type=st.sampled_from(HOLDINGS),
            pos_req_id=maybe,
            pos_maint_rpt_id=words,
            pos_req_result=st.sampled_from(fix.PosReqResult),
            clearing_business_date=dates,
            settl_price=prices,
            total_num_pos_reports=counts,
            last_exec_id=maybe,
            transact_time=st.none() if version is FixVersion.FIX44 else st.none() | times(version),
            text=maybe,
            extra=extras | paths,
        ),
    }


def collateral_reports(version: FixVersion) -> st.SearchStrategy[m.CollateralReport]:
    """35=BA."""
    return st.builds(
        m.CollateralReport,
        account=maybe,
        currency=maybe,
        margin_excess=st.none() | prices,
        total_net_value=st.none() | prices,
        cash_outstanding=st.none() | prices,
        coll_rpt_id=words,
        coll_status=words,
        text=maybe,
        transact_time=st.none() if version is FixVersion.FIX44 else st.none() | times(version),
        extra=extras | paths,
    )


def halts(version: FixVersion) -> dict[str, st.SearchStrategy[Any]]:
    """e and f."""
    old = version is FixVersion.FIX42
    later = {"21", "22", "23"} if old else set()
    return {
        "e": st.builds(
            m.SecurityStatusRequest,
            security_status_req_id=words,
            symbol=words,
            subscription_request_type=st.sampled_from("012"),
            extra=extras,
        ),
        "f": st.builds(
            m.SecurityStatus,
            symbol=words,
            security_trading_status=st.none()
            | st.sampled_from(sorted(set(fix.SecurityTradingStatus) - later)),
            halt_reason=st.none() | st.sampled_from(fix.HaltReason),
            text=st.none() if old else maybe,
            transact_time=st.none() | times(version),
            last_px=st.none() | prices,
            security_status_req_id=maybe,
            extra=extras,
        ),
    }


def messages(version: FixVersion) -> dict[str, st.SearchStrategy[Any]]:
    """Every message of the version, by MsgType."""
    found = {**requests(version), **reports(version), **market_data(), **halts(version)}
    if version is not FixVersion.FIX42:
        found |= {**position_messages(version), "BA": collateral_reports(version)}
    return found
