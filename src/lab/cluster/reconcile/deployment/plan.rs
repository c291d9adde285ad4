//! How many replicas each ReplicaSet should have next: arithmetic alone.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment>

use serde_json::Value;

use super::super::pods::number;

/// One ReplicaSet in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Set {
    pub(super) wanted: i64,
    pub(super) available: i64,
}

impl Set {
    pub(super) fn of(set: &Value) -> Self {
        Self {
            wanted: number(set, "/spec/replicas").unwrap_or(1),
            available: number(set, "/status/availableReplicas").unwrap_or(0),
        }
    }
}

/// `maxSurge` and `maxUnavailable` as numbers of pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) surge: i64,
    pub(super) unavailable: i64,
}

impl Room {
    /// Percentages are rounded up for the surge and down for the unavailable; both 0 would never get anywhere.
    pub(super) fn of(deployment: &Value, replicas: i64) -> Self {
        let rolling = &deployment["spec"]["strategy"]["rollingUpdate"];
        let surge = share(&rolling["maxSurge"], replicas, true);
        let unavailable = share(&rolling["maxUnavailable"], replicas, false);
        Self { surge, unavailable: if surge == 0 && unavailable == 0 { 1 } else { unavailable } }
    }
}

fn share(value: &Value, of: i64, up: bool) -> i64 {
    if let Some(number) = value.as_i64() {
        return number.max(0);
    }
    let percent =
        value.as_str().and_then(|text| text.strip_suffix('%')?.parse::<i64>().ok()).unwrap_or(25);
    let hundredths = (of * percent).max(0);
    if up { (hundredths + 99) / 100 } else { hundredths / 100 }
}

/// The new set's size: as much as the surge has room for.
pub(super) fn grow(new: Set, old: &[Set], replicas: i64, room: Room) -> i64 {
    if new.wanted >= replicas {
        return replicas;
    }
    let total = new.wanted + old.iter().map(|set| set.wanted).sum::<i64>();
    let free = (replicas + room.surge - total).max(0);
    new.wanted + free.min(replicas - new.wanted)
}

/// The old sets' sizes: first without their pods that do not serve anyway, then as far as enough pods stay available.
pub(super) fn shrink(new: Set, old: &[Set], replicas: i64, room: Room) -> Vec<i64> {
    let least = replicas - room.unavailable;
    let total = new.wanted + old.iter().map(|set| set.wanted).sum::<i64>();
    let mut spare = (total - least - (new.wanted - new.available).max(0)).max(0);
    let mut sizes: Vec<i64> = old.iter().map(|set| set.wanted).collect();
    for (size, set) in sizes.iter_mut().zip(old) {
        let idle = (*size - set.available).clamp(0, spare);
        *size -= idle;
        spare -= idle;
    }
    let available = new.available
        + old.iter().zip(&sizes).map(|(set, size)| set.available.min(*size)).sum::<i64>();
    let mut spare = (available - least).max(0).min(spare);
    for size in &mut sizes {
        let fewer = (*size).min(spare);
        *size -= fewer;
        spare -= fewer;
    }
    sizes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(wanted: i64, available: i64) -> Set {
        Set { wanted, available }
    }

    #[test]
    fn percentages_are_rounded_as_documented() {
        let deployment = json!({"spec": {}});
        assert_eq!(Room::of(&deployment, 1), Room { surge: 1, unavailable: 0 });
        assert_eq!(Room::of(&deployment, 10), Room { surge: 3, unavailable: 2 });
        let none =
            json!({"spec": {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}}});
        assert_eq!(Room::of(&none, 3), Room { surge: 0, unavailable: 1 });
    }

    #[test]
    fn one_replica_is_replaced_by_surging() {
        let room = Room { surge: 1, unavailable: 0 };
        assert_eq!(grow(set(0, 0), &[set(1, 1)], 1, room), 1);
        assert_eq!(shrink(set(1, 0), &[set(1, 1)], 1, room), [1]);
        assert_eq!(shrink(set(1, 1), &[set(1, 1)], 1, room), [0]);
    }

    #[test]
    fn old_pods_that_never_got_ready_make_room_first() {
        let room = Room { surge: 1, unavailable: 1 };
        assert_eq!(shrink(set(1, 0), &[set(1, 0), set(1, 1)], 2, room), [0, 1]);
        let strict = Room { surge: 1, unavailable: 0 };
        assert_eq!(shrink(set(1, 0), &[set(1, 0)], 1, strict), [1]);
    }

    proptest::proptest! {
        #[test]
        fn a_roll_never_exceeds_its_room(replicas in 1_i64..8, wanted in 0_i64..8, old in 0_i64..8, up in 0_i64..8) {
            let room = Room { surge: 1, unavailable: 1 };
            let (wanted, old_available) = (wanted.min(replicas), old.min(up));
            let (new, old) = (set(wanted, wanted), [set(old, old_available)]);
            proptest::prop_assume!(new.wanted + old[0].wanted <= replicas + room.surge);
            let grown = grow(new, &old, replicas, room);
            proptest::prop_assert!(grown + old[0].wanted <= replicas + room.surge);
            let left = shrink(new, &old, replicas, room)[0];
            let before = new.available + old[0].available;
            let after = new.available + old[0].available.min(left);
            proptest::prop_assert!(after >= before.min(replicas - room.unavailable));
        }
    }
}
